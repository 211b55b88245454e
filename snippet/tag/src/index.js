import { guarded } from "./guarded.js";
import { readScriptTag } from "./scriptTag.js";
import { startTag } from "./tag.js";
import { whenActivated } from "./whenActivated.js";

guarded(() => {
  const script = readScriptTag(document);
  // A second copy on the same page would count everything twice.
  if (!script || (window.journey && window.journey.version)) return;
  whenActivated(document, guarded(() => startTag(window, script)));
})();

/** How long calls wait for the settings before the defaults apply. */
const LONGEST_MILLISECONDS = 3000;

/** What holds until the server's answer is there, or when it never comes: the server applies its rules again anyway. */
export const DEFAULT_SETTINGS = /** @type {Settings} */ ({
  searchParameters: ["q", "query", "search", "term"],
  excludedQueryParameters: [],
  keepFragment: false,
  allowedDomains: [],
});

/**
 * Fetch the configuration of the write key.
 * @param {Window} win
 * @param {ScriptTag} script
 * @returns {Promise<Settings>} the defaults if the server cannot be reached or refuses; never rejects
 */
export async function fetchSettings(win, script) {
  try {
    const answer = await win.fetch(`${script.host}/v1/projects/${encodeURIComponent(script.writeKey)}/settings`);
    return answer.ok ? { ...DEFAULT_SETTINGS, ...(await answer.json()) } : DEFAULT_SETTINGS;
  } catch (_) {
    return DEFAULT_SETTINGS;
  }
}

/**
 * Ask for the settings; call back with the defaults when the answer takes too long, and again when it comes after all.
 * @param {Window} win
 * @param {ScriptTag} script
 * @param {(settings: Settings) => void} settle must not throw
 */
export function awaitSettings(win, script, settle) {
  const timer = win.setTimeout(() => settle(DEFAULT_SETTINGS), LONGEST_MILLISECONDS);
  fetchSettings(win, script).then((settings) => {
    win.clearTimeout(timer);
    settle(settings);
  });
}

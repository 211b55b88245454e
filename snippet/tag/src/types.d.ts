/** Shapes that the modules of the tag share. Names of wire shapes are those of the Segment HTTP tracking API. */

/** Attributes of the <script> element that loaded the tag. */
interface ScriptTag {
  /** Origin of the script: where calls are sent. */
  host: string;
  writeKey: string;
  /** Which page views are recorded by themselves. */
  auto: "all" | "once" | "off";
  /** True for data-consent="required". */
  consentRequired: boolean;
  /** True for data-storage="none": nothing is stored in the browser, and the visitor is another one on the next page. */
  memoryOnly: boolean;
}

/** What the site's owner configured for the write key. */
interface Settings {
  searchParameters: string[];
  excludedQueryParameters: string[];
  keepFragment: boolean;
  allowedDomains: string[];
}

/** Where the visitor was when a call was made; addresses are as the browser gave them, not yet cleaned. */
interface Moment {
  timestamp: string;
  url: string;
  title: string;
}

/** What a call does, at the moment that it belongs to. */
type Act = (moment: Moment) => void;

/** What the site's back end signed, so that an identity is more than a claim. */
interface Verification {
  /** HMAC-SHA256 of each `name:value`, such as `userId:customer-7`, by the identity secret, in hex. */
  signatures?: { userId?: string; email?: string; phone?: string };
  /** A JSON Web Token. */
  token?: string;
}

/** What the visitor decided, as every call tells it. */
interface ToldConsent {
  state: "granted";
  /** Since when, in ISO 8601; the site may say it, and may say anything. */
  date: unknown;
}

/** One call as it travels, see https://segment.com/docs/connections/spec/common/ */
interface WireEvent {
  type: "page" | "track" | "identify";
  messageId: string;
  anonymousId: string;
  userId?: string;
  timestamp: string;
  name?: string;
  event?: string;
  properties?: object;
  traits?: object;
  context: { verification?: Verification; consent?: ToldConsent };
}

/** An event that waits to be sent: its JSON, and how many bytes that takes in UTF-8. */
interface PendingEvent {
  id: string;
  json: string;
  /** Its JSON as it may be stored in the browser: without the verification. */
  stored: string;
  bytes: number;
}

interface BrowserStorage {
  get(key: string): string | undefined;
  /** Answers whether the value was stored. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

interface PendingEvents {
  /** Where it is stored. */
  key: string;
  list(): PendingEvent[];
  add(event: WireEvent): void;
  /** Puts events that another page left behind before our own. */
  adopt(events: WireEvent[]): void;
  remove(ids: Set<string>): void;
  /** Writes what waits to the browser's storage; answers whether that worked. */
  save(): boolean;
  /** From now on any other page may adopt what waits (true), or not (false). */
  release(released: boolean): void;
  clear(): void;
}

interface Visitor {
  id(): string;
  userId(): string | undefined;
  identify(userId: string): void;
  reset(): void;
  /** Drops what is in memory; what is stored is erased by eraseStored. */
  forget(): void;
}

interface VisitorCookie {
  read(): string | undefined;
  write(id: string): void;
  erase(): void;
}

interface Consent {
  /** Take a decision and its date, if the site knows it; what is neither "granted" nor "denied" changes nothing. */
  decide(decision: unknown, date?: unknown): void;
  /** Take the last decision of the calls that the site has made already, else what holds before it says anything. */
  begin(earlier: ArrayLike<unknown>[]): void;
  /** Write into an event that the visitor has opted in, if the site has said so. */
  stamp(event: WireEvent): WireEvent;
  isGranted(): boolean;
  isDenied(): boolean;
}

interface Recorder {
  /** View the page if its address is another than at the last view. */
  view: Act;
  /** View the page again, from the same referrer. */
  viewAgain: Act;
  /** What a site may call. */
  verbs: Record<string, (moment: Moment, ...call: unknown[]) => void>;
  /** Rules for all that is recorded from now on. */
  use(settings: Settings): void;
}

interface Sender {
  /** Sends what waits, unless a batch is on its way. */
  send(): void;
  /** Sends what is not on its way yet, as far as a page that is leaving may. */
  sendOnLeaving(): void;
  /** Sends now instead of waiting for the next attempt. */
  retryNow(): void;
}

interface JourneyFunction {
  (...call: unknown[]): void;
  /** Calls made before the tag had loaded. */
  q?: { push(call: ArrayLike<unknown>): unknown };
  version?: string;
}

/** https://html.spec.whatwg.org/multipage/nav-history-apis.html#the-navigation-interface */
interface NavigationHistory extends EventTarget {
  currentEntry: object | null;
}

interface Window {
  journey?: JourneyFunction;
  navigation?: NavigationHistory;
}

interface Navigator {
  /** https://www.w3.org/TR/gpc/ */
  globalPrivacyControl?: boolean;
}

interface Document {
  /** https://wicg.github.io/nav-speculation/prerendering.html */
  prerendering?: boolean;
}

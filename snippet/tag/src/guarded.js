/**
 * Wrap a function so that no exception of ours reaches the page; the result is then undefined.
 * @template {unknown[]} A
 * @template R
 * @param {(...args: A) => R} run
 * @returns {(...args: A) => R | undefined}
 */
export const guarded = (run) => (...args) => {
  try {
    return run(...args);
  } catch (_) {
    return undefined;
  }
};

// State that callbacks hear of.

/**
 * What callbacks hear of at every change, and as it is when they subscribe.
 * @template {unknown[]} T
 * @param {T} initial
 */
function observable(...initial) {
  let state = initial;
  /** @type {Set<(...state: T) => void>} */
  const callbacks = new Set();
  return {
    get state() { return state; },
    /** @param {T} next */
    set(...next) {
      if (next.every((part, n) => part === state[n])) return;
      state = next;
      for (const callback of [...callbacks]) {
        // One before may have changed it again, of which all have heard by now.
        if (state !== next) break;
        try {
          callback(...next);
        } catch (error) {
          // Reported like an error of any listener; the connection and the other callbacks go on.
          queueMicrotask(() => { throw error; });
        }
      }
    },
    /** @param {(...state: T) => void} callback */
    subscribe(callback) {
      callbacks.add(callback);
      callback(...state);
      return () => void callbacks.delete(callback);
    },
  };
}

export { observable };

// Positions of a stream as they compare: `epoch-offset`, of a merged stream one for each set, with dots between.

/** @typedef {{ epochs: string, offsets: number[] }} Places */

/**
 * The places that an id names; none, if it is no position of ours.
 * @param {string} id
 * @returns {Places | undefined}
 */
function places(id) {
  const parts = id.split(".").map((part) => /^([0-9a-z]+)-(\d+)$/i.exec(part));
  if (!parts.every((part) => part !== null)) return;
  return { epochs: `${parts.map(([, epoch]) => epoch)}`, offsets: parts.map(([, , offset]) => +offset) };
}

/**
 * Whether who is at `at` has had what is at `place`.
 * @param {Places | undefined} place
 * @param {Places | undefined} at
 */
const hasHad = (place, at) =>
  place !== undefined && place.epochs === at?.epochs && place.offsets.every((offset, n) => offset <= at.offsets[n]);

/**
 * Where one is who was at `at` and has had what is at `id` as well. Sets of a merged stream do not wait for each other.
 * @param {string} at
 * @param {string} id
 */
function later(at, id) {
  const [a, b] = [places(at), places(id)];
  if (!id || hasHad(b, a)) return at;
  if (!a || !b || a.epochs !== b.epochs) return id;
  const epochs = b.epochs.split(",");
  return epochs.map((epoch, n) => `${epoch}-${Math.max(a.offsets[n], b.offsets[n])}`).join(".");
}

export { hasHad, later, places };

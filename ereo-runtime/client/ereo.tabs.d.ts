export interface ShareOptions {
  /** Who uses the page, such as a user's name: pages of different keys share no connection. */
  key?: string;
}

export interface Shared {
  /** `false` where there is no worker, and the page has its own connections: an old browser, or a policy against it. */
  readonly isShared: boolean;
  /**
   * Ends the streams of this `key` in all tabs, as a server does whose credentials have ended: after a logout. Each
   * closes for good (`endedBy` is `"expired"`), or calls its `refresh`.
   */
  expire(): void;
}

/**
 * From now on the page's event streams, those of `live` as well, come over one connection for each URL, whatever the
 * number of tabs; `shared: false` or a `transport` of its own keeps one out. Where there can be no SharedWorker each
 * page has its own connections, as without it. Sockets are not shared.
 *
 * The worker is `ereo.worker.js` beside this module, which bundlers find; a URL, or a function that starts it, says
 * otherwise. A stream that is opened without a position begins at what comes next.
 */
export function share(worker?: string | URL | (() => SharedWorker), options?: ShareOptions): Shared;

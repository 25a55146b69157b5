// Written by Ereo from the program's routes: write it again there, and not here. Types only; a page that
// imports nothing but them loads nothing.
/* eslint-disable */

/** What the chat is told. */
export type Says = {
  /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
  id: number;
  text: string;
};

/** What the dashboard shows. */
export type Stats = {
  activeUsers: number;
  /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
  revenueToday: number;
};

/** What the ticker sends. */
export type Tick = {
  /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
  n: number;
  message: string;
};

/** What it tells. */
export type Told =
  | { type: "line"; text: string }
  | {
    type: "ack";
    /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
    id: number;
  };

/** The routes, by their paths. */
export interface Routes {
  /** `react::events` */
  "/api/events": {
    kind: "sse";
    path: ["api", "events"];
    events: { message: Tick };
  };
  /** `react::stats_stream` */
  "/api/stats-stream": {
    kind: "sse";
    path: ["api", "stats-stream"];
    events: { message: Stats };
  };
  /** `react::chat` */
  "/api/ws": {
    kind: "websocket";
    path: ["api", "ws"];
    sends: Told;
    takes: Says;
  };
  /** `react::stats` */
  "/dashboard/data": {
    kind: "loader";
    path: ["dashboard", "data"];
    data: Stats;
    live: "/api/stats-stream";
  };
}

/** Their paths, by segments. */
interface Tree {
  api: {
    events: { "=": "/api/events" };
    "stats-stream": { "=": "/api/stats-stream" };
    ws: { "=": "/api/ws" };
  };
  dashboard: {
    data: { "=": "/dashboard/data" };
  };
}

declare global {
  /** What `ereo-client` checks URLs, events and messages against. */
  interface EreoContract {
    routes: Routes;
    tree: Tree;
  }
}

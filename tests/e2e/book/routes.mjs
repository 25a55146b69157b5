// The routes that the JavaScript of each page is written for, as the Rust beside it has them: what a contract would say of
// them. A block that calls another URL, or reads another field, is an error.

const CHAT = "notification: { text: string }; chat: { from: string; text: string }";
const FEED = "{ notification: { text: string } } | { chat: { from: string; text: string } }";
const DASHBOARD = {
  "/dashboard/data": 'kind: "loader"; data: number; live: "/api/stats-stream"',
  "/api/stats-stream": 'kind: "sse"; events: { message: number }',
};
const PERSON = ["typing", "joined", "left"].map((type) => `{ type: "${type}"; user: string }`).join(" | ");
const TOLD = `{ type: "line"; user: string; text: string } | { type: "taken" } | ${PERSON}`;
const SAY = '{ type: "line"; id: number; text: string } | { type: "typing" }';
const ACCOUNT = { "/account": 'kind: "sse"; events: { message: string }' };

/** By page; what a route is follows `path`, as `Routes::contract` writes it. */
export const ROUTES = {
  "README.md": {
    "/api/news": 'kind: "sse"; events: { message: string }',
    "/rooms/{room}/feed": `kind: "sse"; events: { ${CHAT} }; params: "room"`,
    "/rooms/{room}/first": `kind: "loader"; data: (${FEED})[]; live: "/rooms/{room}/feed"; params: "room"`,
    "/rooms/{room}/ws": `kind: "websocket"; sends: ${FEED}; takes: ${FEED}; params: "room"`,
  },
  "auth.md": ACCOUNT,
  "browser.md": {
    ...DASHBOARD,
    ...ACCOUNT,
    "/api/events": 'kind: "sse"; events: { message: { message: string } }',
    "/rooms/{room}/feed": `kind: "sse"; events: { ${CHAT} }; params: "room"`,
    "/rooms/{room}/ws": 'kind: "websocket"; sends: { text: string }; takes: { text: string }; params: "room"',
  },
  "cors.md": {
    "/elsewhere/first": 'kind: "loader"; data: string; live: "/elsewhere/news"',
    "/elsewhere/news": 'kind: "sse"; events: { message: string }',
  },
  "events.md": { "/lobby/news": `kind: "sse"; events: { ${CHAT}; user_left: number }` },
  "from-ereojs.md": {
    ...DASHBOARD,
    "/api/events": 'kind: "sse"; events: { message: { time: string; message: string } }',
    "/api/ws": 'kind: "websocket"; sends: { type: "ack"; id: number }; takes: { id: number; text: string }',
  },
  "from-socket-io.md": { "/io/{room}/ws": `kind: "websocket"; sends: ${TOLD}; takes: ${SAY}; params: "room"` },
  "loaders.md": {
    ...DASHBOARD,
    "/inbox/first": 'kind: "loader"; data: { placed: number[] }; live: "/inbox/notices"',
    "/inbox/notices": 'kind: "sse"; events: { placed: { id: number }; finished: { id: number } }',
  },
  "many-servers.md": {
    "/parlours/{parlour}/members": 'kind: "sse"; events: { members: { members: { key: string; info: unknown }[]; complete?: boolean } }; params: "parlour"',
  },
  "reply.rs": {
    "/stock/ws": 'kind: "websocket"; sends: { type: "stock"; pieces: number }; takes: { id?: number | null } & { type: "stock"; item: string }',
  },
  "sockets.md": {
    "/length/ws": 'kind: "websocket"; sends: { length: number }; takes: { id: number; text: string }',
    "/resumed/ws": 'kind: "websocket"; sends: { id: string; text: string } | { id: string; reason: string; missed: number | null }; takes: string',
  },
  "types.md": { "/talks/{talk}": 'kind: "sse"; events: { user_left: null; chat: { from: string; text: string } }; params: "talk"' },
};

/** A contract of these routes, as TypeScript. */
export function contract(routes) {
  const tree = {};
  const lines = Object.entries(routes).map(([path, route]) => {
    const segments = path.slice(1).split("/");
    let node = tree;
    for (const segment of segments) node = node[segment.replace(/^\{.+\}$/, "{}")] ??= {};
    node["="] = path;
    const types = segments.map((segment) => (segment.startsWith("{") ? "string" : `"${segment}"`));
    return `  "${path}": { path: [${types.join(", ")}]; ${route} };`;
  });
  return `declare global { interface EreoContract { routes: {\n${lines.join("\n")}\n}; tree: ${JSON.stringify(tree)} } }\nexport {};\n`;
}

// The Bun side of `bench/run deflate`: native publish, compressed where DEFLATE is 1.

const deflate = process.env.DEFLATE === "1";

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  async fetch(request, server) {
    if (new URL(request.url).pathname !== "/publish") {
      return server.upgrade(request) ? undefined : new Response("no upgrade", { status: 400 });
    }
    for (const line of (await request.text()).split("\n")) server.publish("all", line, deflate);
    return new Response("published");
  },
  websocket: {
    perMessageDeflate: deflate,
    open(socket) {
      socket.subscribe("all");
    },
    message() {},
  },
});

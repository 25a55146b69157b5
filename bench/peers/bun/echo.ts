// An echo.
Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("WebSocket upgrade failed", { status: 400 });
  },
  websocket: {
    message(ws, message) {
      ws.send(message);
    },
  },
});

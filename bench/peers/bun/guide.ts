// The WebSocket route of the guide (Real-Time, "WebSocket Routes"): a loop over all clients.
import type { ServerWebSocket } from "bun";

const clients = new Set<ServerWebSocket<{ userId: string }>>();

function broadcast(data: unknown, exclude?: ServerWebSocket<{ userId: string }>) {
  const message = JSON.stringify(data);
  for (const client of clients) {
    if (client !== exclude && client.readyState === 1) {
      client.send(message);
    }
  }
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  fetch(request, server) {
    const upgraded = server.upgrade(request, { data: { userId: "anonymous" } });
    return upgraded ? undefined : new Response("WebSocket upgrade failed", { status: 400 });
  },
  websocket: {
    open(ws: ServerWebSocket<{ userId: string }>) {
      clients.add(ws);
      broadcast({ type: "user_joined", userId: ws.data.userId });
    },
    message(ws: ServerWebSocket<{ userId: string }>, message) {
      const data = JSON.parse(String(message));
      ws.send(JSON.stringify({ type: "ack", id: data.id }));
      broadcast({ type: "message", userId: ws.data.userId, ...data }, ws);
    },
    close(ws: ServerWebSocket<{ userId: string }>) {
      clients.delete(ws);
      broadcast({ type: "user_left", userId: ws.data.userId });
    },
  },
});

// The same chat by Bun's own topics: `publish` sends to all other subscribers in native code.
import type { ServerWebSocket } from "bun";

type Socket = ServerWebSocket<{ userId: string }>;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  fetch(request, server) {
    const upgraded = server.upgrade(request, { data: { userId: "anonymous" } });
    return upgraded ? undefined : new Response("WebSocket upgrade failed", { status: 400 });
  },
  websocket: {
    open(ws: Socket) {
      ws.subscribe("chat");
      server.publish("chat", JSON.stringify({ type: "user_joined", userId: ws.data.userId }));
    },
    message(ws: Socket, message) {
      const data = JSON.parse(String(message));
      ws.send(JSON.stringify({ type: "ack", id: data.id }));
      ws.publish("chat", JSON.stringify({ type: "message", userId: ws.data.userId, ...data }));
    },
    close(ws: Socket) {
      ws.unsubscribe("chat");
      server.publish("chat", JSON.stringify({ type: "user_left", userId: ws.data.userId }));
    },
  },
});

import { useState } from "react";
import { useSocket } from "ereo-client/react";

/** The guide's `useWebSocket`, which is an import here; what is said waits for its acknowledgement. */
export function Chat() {
  const [text, setText] = useState("");
  const [failure, setFailure] = useState("");
  const { status, messages, ask } = useSocket("/api/ws", { keep: 100 });

  async function say() {
    try {
      await ask({ text });
      setText("");
      setFailure("");
    } catch (error) {
      setFailure(String(error));
    }
  }

  return (
    <form id="chat" onSubmit={(event) => { event.preventDefault(); void say(); }}>
      <p>{status} {failure}</p>
      <ul>{messages.map((told, at) => told.type === "line" && <li key={at}>{told.text}</li>)}</ul>
      <input value={text} onChange={({ target }) => setText(target.value)} />
    </form>
  );
}

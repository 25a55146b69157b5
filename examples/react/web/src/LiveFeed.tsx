import { useRef } from "react";
import { useSubscription } from "ereo-client/react";

/** The guide's: the last ticks. Every one is handled, however many come between two frames. */
export function LiveFeed() {
  const heard = useRef(0);
  const { history, status, reset } = useSubscription("/api/events", { keep: 50, onData: () => (heard.current += 1) });
  return (
    <section id="feed">
      <p>{status}, {heard.current} heard{reset && `, ${reset.missed ?? "some"} missed`}</p>
      <ul>{history.map(({ n, message }) => <li key={n}>{message}</li>)}</ul>
    </section>
  );
}

// What a user writes: the package's entries, in an application that Vite builds and serves.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { events } from "ereo-client";
import { overFetch } from "ereo-client/fetch";
import { useLive } from "ereo-client/react";
import { share } from "ereo-client/tabs";

window.seen = { events: [], fetched: [], own: [] };
window.shared = share();
events("/count").on("message", ({ n }) => window.seen.events.push(n));
events("/count", { shared: false }).on("message", ({ n }) => window.seen.own.push(n));
events("/count", { transport: overFetch() }).on("message", ({ n }) => window.seen.fetched.push(n));

function Count() {
  const { value, status } = useLive("/count/now", "/count");
  return <p>{status} {value?.n}</p>;
}

createRoot(document.getElementById("root")).render(<StrictMode><Count /></StrictMode>);

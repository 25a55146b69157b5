import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./Chat";
import { Dashboard } from "./Dashboard";
import { LiveFeed } from "./LiveFeed";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Dashboard />
    <LiveFeed />
    <Chat />
  </StrictMode>,
);

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `cargo run --example react` listens. */
const server = process.env.SERVER ?? "http://127.0.0.1:8080";
const proxy = { "/api": { target: server, ws: true }, "/dashboard": server };

export default defineConfig({
  plugins: [react()],
  // `ereo-client` is a folder of this repository, which has no packages of its own to find it among.
  resolve: { dedupe: ["react"] },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
});

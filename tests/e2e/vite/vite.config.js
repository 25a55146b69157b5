import react from "@vitejs/plugin-react";

const proxy = { "/count": process.env.SERVER };

export default {
  plugins: [react()],
  server: { host: "127.0.0.1", proxy, hmr: false },
  preview: { host: "127.0.0.1", proxy },
  logLevel: "warn",
};

import { useLive } from "ereo-client/react";

/** The guide's: the loader's figures, and every change of them. */
export function Dashboard() {
  const { value: stats, status } = useLive("/dashboard/data", "/api/stats-stream");
  return (
    <section id="dashboard">
      <h1>Dashboard</h1>
      <p>Active users: {stats?.activeUsers}</p>
      <p>Revenue today: ${stats?.revenueToday} ({status})</p>
    </section>
  );
}

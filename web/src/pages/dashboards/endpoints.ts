import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type BoardCard = Schemas["DashboardCard"];
export type BoardFile = Schemas["DashboardFile"];
export type BoardCheck = Schemas["DashboardCheck"];
export type BoardRun = Schemas["DashboardRun"];
export type BoardAnswer = Schemas["DashboardAnswer"];

type Text = Schemas["DashboardText"];

declare module "@/api/endpoints" {
  interface Endpoints {
    "GET /dashboards": { answer: { items: BoardCard[] } };
    "GET /dashboards/{id}": { path: { id: string }; answer: BoardFile };
    "PUT /dashboards/{id}": { path: { id: string }; body: Text; answer: BoardFile };
    "DELETE /dashboards/{id}": { path: { id: string }; answer: undefined };
    "POST /dashboards/check": { body: Text; answer: BoardCheck };
  }
}

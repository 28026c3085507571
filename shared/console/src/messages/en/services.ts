/** The services that are metered, in the order in which they are shown. */
export const serviceIds = [
  "input",
  "output",
  "analysis",
  "sms",
  "email",
  "push_notification",
  "data_records",
  "file_storage",
  "run_users",
] as const;

export type Service = (typeof serviceIds)[number];

/** isService says whether a text names one of them. */
export const isService = (id: unknown): id is Service => serviceIds.includes(id as Service);

/** Their names, and what is counted. */
export const services: Record<Service, { name: string; unit: string }> = {
  input: { name: "Data input", unit: "variables" },
  output: { name: "Data output", unit: "records read" },
  analysis: { name: "Analysis", unit: "minutes" },
  sms: { name: "SMS", unit: "messages" },
  email: { name: "E-mail", unit: "messages" },
  push_notification: { name: "Push notifications", unit: "messages" },
  data_records: { name: "Data records", unit: "stored" },
  file_storage: { name: "File storage", unit: "MB stored" },
  run_users: { name: "Run users", unit: "people" },
};

/** Levels are amounts at a time and do not begin again with a cycle. */
export const levels: readonly Service[] = ["data_records", "file_storage", "run_users"];

export const plans = { free: "Free", starter: "Starter", scale: "Scale" };

export const addons = { custom_dns: "Custom domain", mobile: "Mobile app" };

/** The name of a service, also of one that this console does not know. */
export function serviceName(id: string): string {
  return services[id as Service]?.name ?? id;
}

/** Texts that charts share. */
export const charts = {
  point: (time: string, value: string, beside: string) => [`${time}: ${value}`, beside].filter(Boolean).join(", "),
  limit: (limit: string) => `Limit ${limit}`,
};

type Row = { ref_id?: string | null; type?: string };

const ticket = /^TR-[0-9A-Z]{4}-[0-9A-Z]{4}$/;

/**
 * linkOf is the page about which a notification is: that of a transfer, or of a
 * profile that the person can still open.
 */
export function linkOf({ ref_id }: Row, profiles: readonly { id: string }[]): string | undefined {
  if (!ref_id) return undefined;
  if (ticket.test(ref_id)) return `/transfers/${ref_id}`;
  return profiles.some(({ id }) => id === ref_id) ? `/p/${ref_id}` : undefined;
}

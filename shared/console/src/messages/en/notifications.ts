// A name that is written from right to left does not change the direction of the text around it.
const isolated = (name: string) => `\u2068${name}\u2069`;

export const notifications = {
  title: "Notifications",
  lead: "Invitations, limits and transfers.",
  list: "Notifications",
  unread: "Unread:",
  markRead: "Mark as read",
  markReadName: (title: string) => `Mark as read: ${title}`,
  markUnread: "Mark as unread",
  remove: "Delete",
  actions: (title: string) => `Actions for “${title}”`,
  removed: "Deleted",
  accepted: "You have accepted",
  refused: "You have refused",
  closed: "This is answered, or has ended.",
  near: (service: string, profile: string, percent: string) => `${service} of ${isolated(profile)} is at ${percent} %`,
  used: (used: string, limit: string, unit: string, again: string | undefined) =>
    `Used: ${used} of ${limit} ${unit}. ${
      again ? `The count begins again on ${again}.` : "It is a level: it falls when something is removed."
    }`,
  unreadOf: (unread: number, more: boolean) => (more ? `At least ${unread} unread` : `${unread} unread`),
  all: "All",
  onlyUnread: "Unread",
  show: "Show",
  emptyTitle: "Nothing here",
  empty:
    "When somebody shares a profile with you, a limit comes close or a transfer needs you, it says so here and in your mail.",
  allReadTitle: "You have read everything",
  older: "Show older ones",
};

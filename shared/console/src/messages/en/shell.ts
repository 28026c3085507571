const shortcut = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘ K" : "Ctrl K";

/** Texts of the frame: top bar, navigation, switcher, search. */
export const shell = {
  skip: "Skip to the content",
  openNavigation: "Open the navigation",
  navigation: "Navigation",
  profileNavigation: (name: string) => `Profile ${name}`,
  accountNavigation: "Account",

  allProfiles: "All profiles",
  switchProfile: (name: string) => `Profile: ${name}. Switch`,
  switcher: "Switch profile",
  find: "Find a profile",
  own: "Your profiles",
  shared: "Shared with you",
  invited: "Invitations",
  blocked: "blocked",
  noProfile: (text: string) => `No profile has “${text}” in its name.`,
  manage: "Manage profiles",

  search: "Search",
  searchTitle: "Go to",
  searchHint: "A profile, a screen or a ticket number",
  shortcut,
  nothing: (text: string) => `Nothing has “${text}” in its name.`,
  screens: "Screens",
  tickets: "Tickets",

  notifications: (unread: number) => (unread === 0 ? "Notifications" : `Notifications, ${unread} unread`),
  notificationsTitle: "Notifications",
  noNotifications: "Nothing new. Invitations, limits and transfers are told of here.",
  allNotifications: "All notifications",
  markAllRead: "Mark all as read",
  markedRead: "All are marked as read",

  person: (name: string) => `${name}: account and sign-out`,
  account: "Account",
  theme: "Theme",
  themes: { system: "As the system", light: "Light", dark: "Dark" },
  signOut: "Sign out",

  profile: {
    general: "General",
    team: "Team",
    tokens: "Tokens",
    statistics: "Statistics",
    audit: "Audit log",
    more: "More",
  },
  pages: {
    profiles: "Profiles & Teams",
    statistics: "Statistics",
    allocation: "Allocation",
    subscription: "Subscription",
    transfers: "Transfers",
    account: "Account",
    security: "Security",
    accountAudit: "Audit log of the account",
    notifications: "Notifications",
    desk: "Support desk",
  },
};

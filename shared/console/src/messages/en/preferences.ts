/** Texts of the choice which mails and notifications a person gets. */
export const preferences = {
  title: "Mails and notifications",
  lead: "What you are notified of. Each choice is saved at once. What asks for your answer is always in the notifications.",
  topic: "About",
  topics: {
    security: { name: "Security", text: "Your account, codes, and who may see what. Always on." },
    usage: { name: "Usage", text: "A profile passes 80, 90 or 100 % of a limit." },
    profile: { name: "Profiles", text: "One is deleted, or starts without some services." },
    team: { name: "Teams", text: "Invitations, their answers, memberships that end soon." },
    token: { name: "Tokens", text: "They expire soon, or nobody uses them." },
    transfer: { name: "Transfers", text: "Notes, questions, reminders, and the end of one." },
    webhook: { name: "Webhooks", text: "One is disabled after three days of failures." },
  },
  mail: "Mails",
  mails: { each: "Each at once", daily: "One a day", off: "None" },
  mailAbout: (topic: string) => `Mails about ${topic}`,
  console: "In this console",
  shown: "Notifications",
  shownAbout: (topic: string) => `Notifications about ${topic}`,
  saved: "Saved",
};

/** Texts of signing in and out, signing up, and the pages that the links of mails open. */
export const session = {
  email: "E-mail address",
  password: "Password",
  passwordHint: "At least 8 characters. A few unrelated words are good.",

  signIn: "Sign in",
  signInTitle: "Sign in to Profiles",
  left: {
    deleted: "Your account is deleted. A mail says when everything is gone.",
    unanswered:
      "You are signed out on this page, but the service did not answer: your session may go on for up to an hour. To end it, sign in and sign out again.",
  },
  pinTitle: "One more step",
  pinLead: (email: string) => `Signing in as ${email}.`,
  goOn: "Go on",
  other: "Use another account",
  forgotten: "Forgotten your password?",
  noAccount: "No account yet?",
  signUp: "Sign up",
  haveAccount: "You have an account?",
  resend: "Send the link again",
  resent: "If the address waits for its confirmation, a new link is on its way to it.",

  endedTitle: "Your session has ended",
  endedText: "Sign in again to go on where you are. Nothing that you typed is lost.",
  endedLeave: "Sign out instead",

  signUpTitle: "Make an account",
  signUpLead: "You get one profile to begin with, free of charge.",
  name: "Your name",
  zone: (zone: string) =>
    `Times will be shown in the zone of this browser, ${zone.replaceAll("_", " ")}. You can change that later.`,
  create: "Make my account",
  checkMail: "Look into your mail",
  checkMailText: (email: string) =>
    `If ${email} can have an account, a mail with a link is on its way to it. Open the link to confirm the address.`,
  mailLate: "No mail after some minutes? Look among the junk, or have the link sent again.",
  toSignIn: "To sign-in",

  forgottenTitle: "Ask for a new password",
  forgottenLead: "If the address has an account, it gets a mail with a link to choose a new password.",
  sendMail: "Send me the mail",
  mailSent: (email: string) => `If ${email} has an account, a mail with a link is on its way to it.`,
  askNew: "Ask for a new link",
};

export const proof = {
  password: "Your password",
  pin: { authenticator: "Code from your authenticator app", email: "Code from the mail" },
  recovery: "Recovery code",
  recoveryHint: "One of the ten codes that you were given when you turned the second factor on. Each works once.",
  use: { authenticator: "Use the authenticator app", email: "Use a code by mail" },
  useRecovery: "Use a recovery code",
  send: "Send me a code",
  sendAgain: "Send another code",
  sent: (email: string) => `We sent a code to ${email}.`,
};

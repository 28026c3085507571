import type { CodeWord } from "../../session/links.ts";

type Page = { title: string; text: string; button: string; doneTitle: string; done: string };

/** Texts of the pages that the links of mails open. */
export const mail = {
  pages: {
    "account/confirm": {
      title: "Confirm your e-mail address",
      text: "Choose the password of your account. It takes the place of the one that was given when somebody signed up, as that may have been somebody else.",
      button: "Confirm my address",
      doneTitle: "Your address is confirmed",
      done: "You can sign in now, with the password that you chose.",
    },
    "account/password": {
      title: "Choose a new password",
      text: "Whoever is signed in to the account has to sign in again then, you too.",
      button: "Change my password",
      doneTitle: "Your password is set",
      done: "Sign in with the new one from now on.",
    },
    "account/email": {
      title: "Confirm your e-mail address",
      text: "From then on you sign in with this address, and mails come here. A former address gets a mail about it.",
      button: "Confirm the address",
      doneTitle: "Your address is confirmed",
      done: "Sign in with this address from now on.",
    },
    "account/undo": {
      title: "Take your e-mail address back",
      text: "Do this if it was not you who changed the address of your account. The account gets its old address back, and everybody is signed out and all its tokens are revoked: programs that use one stop working. A mail with a link for a new password follows.",
      button: "Undo the change",
      doneTitle: "Your account has its old address back",
      done: "All its tokens are revoked. Set a new password now, with the mail that we sent you.",
    },
    "account/unsubscribe": {
      title: "Fewer mails",
      text: "Mails like the one whose link you opened are not sent any more. Mails about the security of your account go on.",
      button: "Switch these mails off",
      doneTitle: "The mails are switched off",
      done: "Under Account you can switch them on again, and choose which others you want.",
    },
    "profile/team/accept": {
      title: "Accept the invitation",
      text: "You join the team of the profile that the mail names.",
      button: "Accept the invitation",
      doneTitle: "You are a member now",
      done: "The profile is in your list of profiles.",
    },
    "profile/team/decline": {
      title: "Decline the invitation",
      text: "You do not join. The owner of the profile is notified.",
      button: "Decline the invitation",
      doneTitle: "The invitation is declined",
      done: "You are not in the team, and its owner is notified.",
    },
  } satisfies Record<CodeWord, Page> as Record<CodeWord, Page>,
  password: "New password",
  again: "The same again",
  different: "The two passwords are not the same.",
  signIn: "Sign in",
  toProfiles: "To your profiles",
  signedInAs: (email: string) => `You are signed in as ${email}.`,
  otherAddress:
    "The invitation is for another address than that of this account. Sign out, and open the link of the mail again.",
  signOut: "Sign out",
  email: "Your e-mail address",
  strayTitle: "This link is not whole",
  strayText:
    "Mail programs sometimes cut long links. Open the link from the mail again, or copy all of it into the address bar.",
};

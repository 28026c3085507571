// Everything that opens over the page, in one file, for which no first screen
// waits.
export { Side } from "../kit/Dialog.tsx";
export { BellPanel } from "./BellPanel.tsx";
export { Palette } from "./Palette.tsx";
export { PersonPanel } from "./PersonPanel.tsx";
export { SessionEnded } from "./SessionEnded.tsx";
export { SwitcherPanel } from "./SwitcherPanel.tsx";

import { lazy, type ReactNode, type RefObject, Suspense, useRef, useState } from "react";

export type PanelProps = {
  /** The button that it opens beside. */
  button: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
};

/**
 * Loads what opens over the page. The frame asks for it with the first movement
 * of a person, so that it is there when it is wanted.
 */
export const loadOverlays = () => import("./overlays.ts");

export const SwitcherPanel = lazy(() => loadOverlays().then(({ SwitcherPanel }) => ({ default: SwitcherPanel })));
export const BellPanel = lazy(() => loadOverlays().then(({ BellPanel }) => ({ default: BellPanel })));
export const PersonPanel = lazy(() => loadOverlays().then(({ PersonPanel }) => ({ default: PersonPanel })));
export const Palette = lazy(() => loadOverlays().then(({ Palette }) => ({ default: Palette })));
export const SessionEnded = lazy(() => loadOverlays().then(({ SessionEnded }) => ({ default: SessionEnded })));
export const Side = lazy(() => loadOverlays().then(({ Side }) => ({ default: Side })));

/**
 * The properties of a button that opens a panel, and those of the panel, which
 * exists while `open`.
 */
export function usePanel(kind: "dialog" | "menu") {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const show = () => setOpen(true);
  const panel: PanelProps = { button, onClose: () => setOpen(false) };
  const opener = { ref: button, "aria-haspopup": kind, "aria-expanded": open, onPress: show };
  return { open, show, opener, panel };
}

/** Something that opens over the page, as long as it is open. */
export function Opened({ when, children }: { when: boolean; children: ReactNode }) {
  return when && <Suspense>{children}</Suspense>;
}

import { createLink, type LinkComponent } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";
import { buttonClass, type Kind } from "./Button.tsx";

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & {
  ref?: Ref<HTMLAnchorElement>;
  children?: ReactNode;
  kind?: Kind;
  small?: boolean;
  icon?: LucideIcon;
};

function Anchor({ kind, small, icon: Icon, children, ...props }: Props) {
  const look = kind ? buttonClass({ kind, small }) : props.className;
  return (
    <a {...props} className={look}>
      {Icon && <Icon size="1rem" aria-hidden />}
      {children}
    </a>
  );
}

/**
 * A link inside the console; with a kind it looks like a button of that kind.
 */
export const Link: LinkComponent<typeof Anchor> = createLink(Anchor);

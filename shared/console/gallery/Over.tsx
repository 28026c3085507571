import Bell from "lucide-react/icons/bell";
import Plus from "lucide-react/icons/plus";
import { type ReactNode, useState } from "react";
import { Button } from "../src/kit/Button.tsx";
import { Buttons } from "../src/kit/Buttons.tsx";
import { ConfirmDialog, Dialog, Side } from "../src/kit/Dialog.tsx";
import { Leave } from "../src/kit/Leave.tsx";
import { Menu } from "../src/kit/Menu.tsx";
import { TextField } from "../src/kit/TextField.tsx";
import { toast, toastError } from "../src/kit/Toasts.tsx";
import { TypedConfirm } from "../src/kit/TypedConfirm.tsx";
import { Part, Row } from "./Gallery.tsx";
import { texts } from "./texts.ts";

const { open, states } = texts;
type Kind = "dialog" | "confirm" | "leave" | "typed" | "side";

/** The components that open over the page. */
export function Over() {
  const [shown, setShown] = useState<Kind>();
  const onClose = () => setShown(undefined);
  const over: Record<Kind, ReactNode> = {
    dialog: (
      <Dialog open title={open.dialog} onClose={onClose}>
        <p>{texts.sentence}</p>
        <TextField label={texts.columns.name} defaultValue={texts.long} />
        <Buttons>
          <Button onPress={onClose}>{texts.other}</Button>
          <Button kind="primary" onPress={onClose}>
            {texts.action}
          </Button>
        </Buttons>
      </Dialog>
    ),
    confirm: (
      <ConfirmDialog
        title={open.confirm}
        text={texts.sentence}
        action={texts.action}
        onClose={onClose}
        onConfirm={() => {}}
      />
    ),
    leave: <Leave onStay={onClose} onLeave={onClose} />,
    typed: (
      <TypedConfirm
        title={open.typed}
        text={texts.name}
        action={texts.action}
        email={texts.email}
        otp={{ authenticator: true, email: false }}
        onClose={onClose}
        onConfirm={async () => {}}
      >
        <p>{texts.sentence}</p>
      </TypedConfirm>
    ),
    side: (
      <Side open label={open.side} onClose={onClose}>
        <p>{texts.sentence}</p>
        <Button onPress={onClose}>{texts.action}</Button>
      </Side>
    ),
  };
  return (
    <>
      <Part of={["Dialog", "ConfirmDialog", "Leave", "TypedConfirm", "Side"]}>
        <Row>
          {(Object.keys(over) as Kind[]).map((kind) => (
            <Button key={kind} onPress={() => setShown(kind)}>
              {open[kind]}
            </Button>
          ))}
        </Row>
        {shown && over[shown]}
      </Part>
      <Part of={["Menu", "Popover"]}>
        <div>
          <Menu
            label={open.menu}
            actions={[
              { id: "a", name: texts.action, icon: Plus, text: texts.sentence },
              { id: "b", name: states.disabled, disabled: true },
              { id: "c", name: texts.other, danger: true, apart: true },
            ]}
          >
            <Button icon={Bell}>{open.menu}</Button>
          </Menu>
        </div>
      </Part>
      <Part of={["Toasts"]}>
        <Row>
          <Button onPress={() => toast(texts.value)}>{open.toast}</Button>
          <Button onPress={() => toast(texts.value, async () => {})}>{open.toastUndo}</Button>
          <Button onPress={() => toastError(new Error(texts.fault))}>{open.toastBad}</Button>
        </Row>
      </Part>
    </>
  );
}

import ImageUp from "lucide-react/icons/image-up";
import Trash2 from "lucide-react/icons/trash";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Guard } from "../../kit/Form.tsx";
import { Monogram } from "../../kit/Monogram.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread, useAction } from "../../kit/useAction.ts";
import { classes } from "../../lib/classes.ts";
import { common } from "../../messages/en/common.ts";
import { logo as texts } from "../../messages/en/general.ts";
import type { OpenProfile } from "../../shell/Profile.tsx";
import styles from "./Logo.module.css";
import { type Fit, fileAt, kinds, type Made, make, open, PictureError } from "./picture.ts";

type Chosen = { picture: ImageBitmap; name: string; fit: Fit };

const fits: readonly Fit[] = ["cut", "whole"];

/**
 * The logo of the profile. A person can choose or drop another picture, see a
 * preview and save it, or remove the logo.
 */
export function Logo({ profile: { id, name, logo_url: now } }: { profile: OpenProfile }) {
  const [chosen, setChosen] = useState<Chosen>();
  const [made, setMade] = useState<Made>();
  const [error, setError] = useState<unknown>();
  const [over, setOver] = useState(false);
  const { act, pending } = useAction();
  const choose = useRef<HTMLButtonElement>(null);
  const elsewhere = now !== null && !now.startsWith("/logo/");

  useEffect(() => {
    if (!chosen) return setMade(undefined);
    let late = false;
    make(chosen.picture, chosen.fit).then(
      (next) => !late && setMade(next),
      (reason) => {
        if (late) return;
        setError(reason);
        setChosen(undefined);
      },
    );
    return () => {
      late = true;
    };
  }, [chosen]);

  async function take(file: File | undefined) {
    if (!file) return;
    setError(undefined);
    try {
      setChosen({ picture: await open(file), name: file.name, fit: "cut" });
    } catch (reason) {
      setChosen(undefined);
      setError(reason);
    }
  }

  function leave() {
    setChosen(undefined);
    setError(undefined);
    // The buttons that had the focus have disappeared.
    choose.current?.focus();
  }

  const put = (image: string) => api.PUT("/profile/{id}/logo", { params: { path: { id } }, body: { image } });
  const point = (logo_url: string | null) => api.PUT("/profile/{id}", { params: { path: { id } }, body: { logo_url } });
  const read = () => reread(keys.profiles, keys.profile(id));

  // The change removes the present logo, so it is read before, for the undo.
  async function restoring(): Promise<(() => Promise<unknown>) | undefined> {
    if (now === null || elsewhere) return () => point(now).then(read);
    const file = await fileAt(now).catch(() => undefined);
    return file === undefined ? undefined : () => put(file).then(read);
  }

  async function save({ image }: Made) {
    await act(async () => {
      try {
        const restore = await restoring();
        await put(image);
        await read();
        toast(texts.saved, restore);
        leave();
      } catch (reason) {
        setError(reason);
      }
    });
  }

  async function remove() {
    await act(async () => {
      const restore = await restoring();
      await point(null);
      await read();
      toast(texts.removed, restore);
      leave();
    });
  }

  function drop(event: DragEvent) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(event.type === "dragover");
    if (event.type === "drop") void take(event.dataTransfer.files[0]);
  }

  return (
    <Section title={texts.title} lead={texts.lead}>
      <Guard dirty={made !== undefined && !pending} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button chooses too. */}
      <div
        className={classes(styles.logo, over && styles.over)}
        onDragOver={drop}
        onDrop={drop}
        onDragLeave={({ currentTarget, relatedTarget }) =>
          !currentTarget.contains(relatedTarget as Node | null) && setOver(false)
        }
      >
        <div className={styles.pictures}>
          {made ? (
            [72, 32, 22].map((size, at) => (
              <img
                key={size}
                className={styles.preview}
                src={made.preview}
                alt={at === 0 ? texts.preview : ""}
                style={{ width: `${size / 16}rem`, height: `${size / 16}rem` }}
              />
            ))
          ) : (
            <Monogram id={id} name={name} logo={now} size={72} />
          )}
        </div>
        <div className={styles.words}>
          <p role="status">{over ? texts.dropHere : chosen ? texts.chosen(chosen.name) : texts.kinds}</p>
          {chosen && chosen.picture.width !== chosen.picture.height && (
            <Segments
              label={texts.fit}
              value={chosen.fit}
              onChange={(fit) => setChosen({ ...chosen, fit })}
              choices={fits.map((fit) => ({ id: fit, name: texts.fits[fit] }))}
            />
          )}
          {!chosen && elsewhere && <p className={styles.quiet}>{texts.elsewhere}</p>}
          {error instanceof PictureError ? (
            <Notice kind="bad" live>
              {texts.faults[error.fault]}
            </Notice>
          ) : (
            error !== undefined && <Failure error={error} />
          )}
          <div className={styles.buttons}>
            {made && (
              <Button kind="primary" isPending={pending} onPress={() => save(made)}>
                {texts.save}
              </Button>
            )}
            <FileTrigger acceptedFileTypes={kinds} onSelect={(files) => void take(files?.[0])}>
              <Button ref={choose} icon={ImageUp}>
                {chosen ? texts.another : texts.choose}
              </Button>
            </FileTrigger>
            {chosen ? (
              <Button kind="quiet" onPress={leave}>
                {common.cancel}
              </Button>
            ) : (
              now !== null && (
                <Button kind="quiet" icon={Trash2} isPending={pending} onPress={remove}>
                  {texts.remove}
                </Button>
              )
            )}
          </div>
        </div>
      </div>
    </Section>
  );
}

package backup

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// MaxSize is the largest file of a backup: what one answer of a function can
// have, in base64. The audit log gives way to it: a backup has its newest
// entries, and says if there are more.
const MaxSize = 4 << 20

// MaxEntries is how many entries of an audit log a backup has at most, and
// MaxTokens how many tokens.
const (
	MaxEntries = 50_000
	MaxTokens  = 20_000
)

// format is the version of the file. A later one that this one cannot read has
// another number.
const format = 1

// Names of the files of an archive. Those in resources are in the folder in
// which the original's command line looks for them.
const (
	fileManifest = "manifest.json"
	fileMAC      = "manifest.mac"
	fileProfile  = "resources/profile.json"
	fileTeam     = "resources/team.json"
	fileTokens   = "resources/tokens.json"
	fileWebhooks = "resources/webhooks.json"
	fileAlerts   = "resources/alerts.json"
	fileLogo     = "pictures/logo.png"
	fileUsage    = "history/usage.json"
	fileAudit    = "history/audit_log.json"
)

// MAC authenticates texts with a key of the service, and Checks reports whether
// a MAC is that of texts.
type (
	MAC    func(texts ...string) []byte
	Checks func(mac []byte, texts ...string) bool
)

// manifest says what an archive is, and has the digest of each file.
type manifest struct {
	Format   int             `json:"format"`
	ID       ID              `json:"id"`
	Account  value.AccountID `json:"account"`
	Profile  value.ProfileID `json:"profile"`
	Name     string          `json:"name"`
	Reason   Reason          `json:"reason"`
	Created  string          `json:"created_at"`
	Tokens   tokensPart      `json:"tokens"`
	AuditLog auditPart       `json:"audit_log"`
	Files    []file          `json:"files"`
}

// tokensPart says how many of the tokens the archive has.
type tokensPart struct {
	Entries int  `json:"entries"`
	Whole   bool `json:"whole"` // whether those are all
}

// auditPart says how much of the audit log the archive has.
type auditPart struct {
	Entries int     `json:"entries"`
	Oldest  *string `json:"oldest"` // the date of the oldest entry; null: there is none
	Whole   bool    `json:"whole"`  // whether those are all that were kept
}

type file struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // in bytes, before compression
	SHA256 string `json:"sha256"`
}

// Write returns the file of a backup: a ZIP of JSON files, with a manifest and
// its MAC. It fails if the file is larger than MaxSize without the audit log.
func Write(b Backup, c Content, mac MAC) ([]byte, error) {
	w := newWriter(b.Created)
	for _, one := range []struct {
		name    string
		content any
	}{
		{fileProfile, c.Profile}, {fileTeam, c.Team}, {fileTokens, c.Tokens},
		{fileWebhooks, c.Webhooks}, {fileAlerts, c.Alerts}, {fileUsage, c.Usage},
	} {
		text, err := json.Marshal(one.content)
		if err != nil {
			return nil, err
		}
		if err := w.add(one.name, text); err != nil {
			return nil, err
		}
	}
	if c.Logo != nil {
		if err := w.add(fileLogo, c.Logo); err != nil {
			return nil, err
		}
	}
	part, err := w.addAudit(c)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(manifest{
		format, b.ID, b.Account, b.Profile, b.Name, b.Reason, iso(b.Created),
		tokensPart{len(c.Tokens), c.TokensWhole}, part, w.files,
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	sum := hex.EncodeToString(mac(string(b.Account), string(b.ID), string(text)))
	if err := w.add(fileManifest, text); err != nil {
		return nil, err
	}
	if err := w.add(fileMAC, []byte(sum)); err != nil {
		return nil, err
	}
	if err := w.zip.Close(); err != nil {
		return nil, err
	}
	if w.out.Len() > MaxSize {
		return nil, fmt.Errorf("the backup is %d bytes, above %d", w.out.Len(), MaxSize)
	}
	return w.out.Bytes(), nil
}

// writer writes an archive.
type writer struct {
	zip   *zip.Writer
	out   bytes.Buffer
	at    time.Time
	files []file
}

func newWriter(at time.Time) *writer {
	w := &writer{at: at}
	w.zip = zip.NewWriter(&w.out)
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	return w
}

func (w *writer) add(name string, text []byte) error {
	into, err := w.begin(name)
	if err != nil {
		return err
	}
	_, err = into.Write(text)
	w.note(name, int64(len(text)), sha256.Sum256(text))
	return err
}

func (w *writer) begin(name string) (io.Writer, error) {
	return w.zip.CreateHeader(&zip.FileHeader{
		Name: name, Method: zip.Deflate, Modified: w.at.UTC().Truncate(time.Second),
	})
}

func (w *writer) note(name string, size int64, sum [sha256.Size]byte) {
	w.files = append(w.files, file{name, size, hex.EncodeToString(sum[:])})
}

// spare is room for what an archive has behind the audit log, and for what the
// compressor has not written yet.
const spare = 256 << 10

// addAudit adds the audit log up to MaxSize.
func (w *writer) addAudit(c Content) (auditPart, error) {
	part := auditPart{Whole: c.AuditWhole}
	into, err := w.begin(fileAudit)
	if err != nil {
		return part, err
	}
	sum := sha256.New()
	size := int64(0)
	write := func(text []byte) error {
		size += int64(len(text))
		sum.Write(text)
		_, err := into.Write(text)
		return err
	}
	before := "["
	for _, e := range c.Audit {
		if err := w.zip.Flush(); err != nil {
			return part, err
		}
		if w.out.Len() > MaxSize-spare || part.Entries == MaxEntries || size > maxText-spare {
			part.Whole = false
			break
		}
		text, err := json.Marshal(e)
		if err != nil {
			return part, err
		}
		if err := write(append([]byte(before), text...)); err != nil {
			return part, err
		}
		before = ","
		part.Entries++
		part.Oldest = &e.Time
	}
	if part.Entries == 0 {
		before = "[]"
	} else {
		before = "]"
	}
	err = write([]byte(before))
	w.note(fileAudit, size, [sha256.Size]byte(sum.Sum(nil)))
	return part, err
}

// ErrDamaged refuses a backup that is not as it was made.
var ErrDamaged error = problem.Conflict(
	"The backup is damaged: it is not the one that this service made, or the key is gone that " +
		"it was made with. Use another backup",
).For(problem.ReasonBackupDamaged)

// Read returns what can be restored of the file of a backup, of which the MAC
// and the digest of each file are right. It leaves out the records. Errors:
// ErrDamaged.
func Read(b Backup, archive []byte, checks Checks) (Content, error) {
	return read(b, archive, checks, false)
}

func read(b Backup, archive []byte, checks Checks, records bool) (Content, error) {
	var c Content
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return c, ErrDamaged
	}
	texts := map[string][]byte{}
	for _, f := range z.File {
		text, err := content(f)
		if _, twice := texts[f.Name]; err != nil || twice {
			return c, ErrDamaged
		}
		texts[f.Name] = text
	}
	mac, err := hex.DecodeString(string(texts[fileMAC]))
	if err != nil || !checks(mac, string(b.Account), string(b.ID), string(texts[fileManifest])) {
		return c, ErrDamaged
	}
	var m manifest
	if err := json.Unmarshal(texts[fileManifest], &m); err != nil || m.Format != format ||
		len(m.Files)+2 != len(texts) {
		return c, ErrDamaged
	}
	for _, f := range m.Files {
		if sum := sha256.Sum256(texts[f.Name]); hex.EncodeToString(sum[:]) != f.SHA256 {
			return c, ErrDamaged
		}
	}
	wanted := map[string]any{
		fileProfile: &c.Profile, fileTeam: &c.Team, fileWebhooks: &c.Webhooks,
		fileAlerts: &c.Alerts,
	}
	if records {
		wanted[fileTokens], wanted[fileUsage], wanted[fileAudit] = &c.Tokens, &c.Usage, &c.Audit
	}
	for name, into := range wanted {
		if err := json.Unmarshal(texts[name], into); err != nil {
			return c, ErrDamaged
		}
	}
	c.Logo, c.TokensWhole, c.AuditWhole = texts[fileLogo], m.Tokens.Whole, m.AuditLog.Whole
	return c, nil
}

// maxText is the largest file in an archive, before compression.
const maxText = 64 << 20

func content(f *zip.File) ([]byte, error) {
	from, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	text, err := io.ReadAll(io.LimitReader(from, maxText+1))
	if len(text) > maxText {
		err = ErrDamaged
	}
	return text, err
}

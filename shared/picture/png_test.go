package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"profiles/shared/picture"
	"profiles/shared/problem"
)

func drawn(t *testing.T, side int, noise bool) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		if m.Pix[i] = uint8(i / 64); noise {
			m.Pix[i] = uint8(random.Uint32())
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// with adds a chunk behind the header of a PNG.
func with(file []byte, kind, content string) []byte {
	const header = 8 + 25
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	chunk = append(append(chunk, kind...), content...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(bytes.Clone(file[:header]), chunk...), file[header:]...)
}

// The visible part of a picture stays, and nothing else of its file.
func TestAPictureIsEncodedAnew(t *testing.T) {
	t.Parallel()
	file := drawn(t, 128, false)
	spoilt := append(with(file, "tEXt", "Comment\x00<script>alert(1)</script>"), "<script>alert(2)</script>"...)
	got, err := picture.Logo("image", spoilt)
	if err != nil || bytes.Contains(got, []byte("script")) || len(got) > picture.MaxLogo {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	before, _ := png.Decode(bytes.NewReader(file))
	after, err := png.Decode(bytes.NewReader(got))
	if err != nil || after.Bounds() != before.Bounds() {
		t.Fatalf("got %v, %v", after, err)
	}
	for y := range 128 {
		for x := range 128 {
			if color.NRGBAModel.Convert(after.At(x, y)) !=
				color.NRGBAModel.Convert(before.At(x, y)) {
				t.Fatalf("the pixel %d, %d has changed", x, y)
			}
		}
	}
	again, err := picture.Logo("image", got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("encoded once more: %d bytes, %v, want the same", len(again), err)
	}
}

// Everything but a small PNG is refused before it costs anything.
func TestPicturesThatAreRefused(t *testing.T) {
	t.Parallel()
	good := drawn(t, 64, false)
	bomb := bytes.Clone(good)
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for name, file := range map[string][]byte{
		"nothing": nil, "a text": []byte("<svg/>"), "its head": good[:40], "a cut one": good[:len(good)-30], "too wide": drawn(t, 513, false),
		"one that fills the memory": bomb, "too many bytes": drawn(t, 128, true), "a JPEG": {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F'},
	} {
		if got, err := picture.Logo("image", file); problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%s: got %d bytes, %v", name, len(got), err)
		}
	}
}

func FuzzLogo(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := picture.Logo("image", file)
		if err != nil {
			if problem.CodeOf(err) != problem.CodeInvalid {
				t.Errorf("got %v", err)
			}
			return
		}
		if _, err := png.Decode(bytes.NewReader(got)); err != nil || len(got) > picture.MaxLogo {
			t.Errorf("got %d bytes that are no logo: %v", len(got), err)
		}
	})
}

package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/tui/shot"

	"github.com/charmbracelet/x/vt"
)

// pictureOf is a frame as a terminal of its size shows it.
func pictureOf(frame string, width, height int, paper shot.Paper) []byte {
	emu := vt.NewEmulator(width, height)
	_, _ = emu.WriteString(strings.ReplaceAll(frame, "\n", "\r\n"))
	return shot.SVG(emu, paper)
}

// TestEveryScreenCanBeDrawn draws every screen; LOOKS=folder writes the pictures
// there, for a person to look at.
func TestEveryScreenCanBeDrawn(t *testing.T) {
	folder := os.Getenv("LOOKS")
	for _, p := range pages("build-box-7") {
		if folder != "" {
			light := pictureOf(dressed(p, Options{}), 80, 24, shot.Light)
			if err := os.WriteFile(filepath.Join(folder, p.name+"-light.svg"), light, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range sizes {
			svg := pictureOf(frameOf(p, s.width, s.height, false), s.width, s.height, shot.Dark)
			if !strings.Contains(string(svg), ">anywhere<") {
				t.Errorf("%s: got a picture without the header", p.name)
			}
			if folder == "" {
				continue
			}
			name := filepath.Join(folder, fmt.Sprintf("%s-%dx%d.svg", p.name, s.width, s.height))
			if err := os.WriteFile(name, svg, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

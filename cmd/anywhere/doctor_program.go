package main

import (
	"debug/elf"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"anywhere/doctor"
)

// inspectProgram looks at the program of a credential_process line without
// starting it.
func (a *app) inspectProgram(name string) doctor.Program {
	p := doctor.Program{Name: name, Found: name}
	if !strings.ContainsAny(name, `/\`) {
		found, err := a.lookPath(name)
		if err != nil {
			p.Found = ""
			p.Trouble = &doctor.Trouble{Kind: doctor.Missing, Says: name + " is not in PATH"}
			return p
		}
		p.Found = found
	}
	info, err := os.Stat(p.Found)
	if err != nil {
		p.Trouble = doctor.NewTrouble(err)
		p.Found, p.Elsewhere = "", a.programElsewhere(name)
		return p
	}
	if info.IsDir() {
		p.Trouble = &doctor.Trouble{Kind: doctor.Unsupported, Says: "it is a directory"}
		return p
	}
	p.Path, p.Mode = p.Found, uint32(info.Mode().Perm())
	p.Executable = runtime.GOOS == "windows" || info.Mode().IsRegular() && info.Mode()&0o111 != 0
	p.NoExec = noExec(filepath.Dir(p.Found))
	p.Quarantined = quarantined(p.Found)
	a.readELF(&p)
	return p
}

// otherFile says what a file is that is no ELF program; nothing of a script and of
// one that cannot be read. The numbers are those of file formats: Mach-O, PE, gzip, zip.
func otherFile(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	first := make([]byte, 4)
	n, _ := f.Read(first)
	for _, known := range []struct{ begins, is string }{
		{"#!", ""}, {"MZ", "one of Windows"}, {"\xcf\xfa\xed\xfe", "one of macOS"}, {"\xca\xfe\xba\xbe", "one of macOS"},
		{"\x1f\x8b", "an archive"}, {"PK", "an archive"}, {"<", "a web page"},
	} {
		if strings.HasPrefix(string(first[:n]), known.begins) {
			return known.is
		}
	}
	if n == 0 {
		return "an empty file"
	}
	return "a file without #! in front"
}

// readELF finds a program of another CPU, and one whose loader is not here.
func (a *app) readELF(p *doctor.Program) {
	if runtime.GOOS != "linux" {
		return
	}
	f, err := elf.Open(p.Found)
	if err != nil {
		p.Other = otherFile(p.Found)
		return
	}
	defer f.Close()
	mine := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "386": elf.EM_386, "arm": elf.EM_ARM}
	if want, known := mine[runtime.GOARCH]; known && f.Machine != want {
		p.Machine = f.Machine.String()
	}
	for _, prog := range f.Progs {
		if prog.Type != elf.PT_INTERP || prog.Filesz > 4096 {
			continue
		}
		path := make([]byte, prog.Filesz)
		if _, err := prog.ReadAt(path, 0); err != nil {
			continue
		}
		if loader := strings.TrimRight(string(path), "\x00"); !exists(loader) {
			p.Loader = loader
		}
	}
}

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
	p.Path, p.Mode = p.Found, uint32(info.Mode().Perm())
	p.Executable = runtime.GOOS == "windows" || info.Mode().IsRegular() && info.Mode()&0o111 != 0
	p.NoExec = noExec(filepath.Dir(p.Found))
	p.Quarantined = quarantined(p.Found)
	a.readELF(&p)
	return p
}

// readELF finds a program of another CPU, and one whose loader is not here.
func (a *app) readELF(p *doctor.Program) {
	if runtime.GOOS != "linux" {
		return
	}
	f, err := elf.Open(p.Found)
	if err != nil {
		return // a script, or not readable
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

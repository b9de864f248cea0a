package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one parsed Go file.
type source struct {
	path    string // from the top of the repository, with slashes
	fset    *token.FileSet
	file    *ast.File
	lines   int
	shared  map[*ast.Ident]bool // uses of package variables, here and of other packages
	imports map[string]string   // local name -> import path
}

func (s *source) test() bool       { return strings.HasSuffix(s.path, "_test.go") }
func (s *source) main() bool       { return strings.HasPrefix(s.path, "cmd/") }
func (s *source) in(d string) bool { return strings.HasPrefix(s.path, d+"/") }

// mentions returns where a file names something of another package; names are
// import paths with a dot and the name, such as "time.Now".
func (s *source) mentions(names ...string) []found {
	var all []found
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok && s.imports[pkg.Name] != "" {
				if name := s.imports[pkg.Name] + "." + sel.Sel.Name; slices.Contains(names, name) {
					all = append(all, found{sel.Pos(), name})
				}
			}
		}
		return true
	})
	return all
}

// parseDir makes sources of the files of one directory.
func parseDir(files map[string]string) ([]*source, error) {
	fset := token.NewFileSet()
	packages := map[string][]*ast.File{}
	var all []*source
	for name, text := range files {
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s := &source{path: name, fset: fset, file: file, lines: strings.Count(text, "\n"), shared: map[*ast.Ident]bool{}, imports: map[string]string{}}
		for _, spec := range file.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			local := packageName(p)
			if spec.Name != nil {
				local = spec.Name.Name
			}
			s.imports[local] = p
		}
		all = append(all, s)
		packages[file.Name.Name] = append(packages[file.Name.Name], file)
	}
	for name, files := range packages {
		uses := resolve(name, fset, files)
		for _, s := range all {
			ast.Inspect(s.file, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && uses[id] {
					s.shared[id] = true
				}
				return true
			})
		}
	}
	return all, nil
}

// resolve says which identifiers are variables of the package, or names of other
// packages. Other packages are not loaded: the errors that this makes are no
// concern here.
func resolve(name string, fset *token.FileSet, files []*ast.File) map[*ast.Ident]bool {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}, Importer: noImports{}, DisableUnusedImportCheck: true}
	pkg, _ := config.Check(name, fset, files, info) // errors went to Error
	uses := map[*ast.Ident]bool{}
	for id, object := range info.Uses {
		switch object := object.(type) {
		case *types.PkgName:
			uses[id] = true
		case *types.Var:
			uses[id] = object.Parent() == pkg.Scope()
		}
	}
	return uses
}

type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, packageName(path))
	pkg.MarkComplete() // else its name would be unknown
	return pkg, nil
}

// packageName guesses the name of a package from its import path, as all of ours
// and of our dependencies allow.
func packageName(p string) string { return path.Base(strings.TrimSuffix(p, "/v2")) }

// goFiles returns the text of every Go file of the repository, by directory.
func goFiles(t *testing.T) map[string]map[string]string {
	t.Helper()
	top := filepath.Join("..", "..")
	dirs := map[string]map[string]string{}
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != top:
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if dirs[path.Dir(rel)] == nil {
			dirs[path.Dir(rel)] = map[string]string{}
		}
		dirs[path.Dir(rel)][rel] = string(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

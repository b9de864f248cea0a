module anywhere/e2e

go 1.26.8

require anywhere v0.0.0

require golang.org/x/crypto v0.58.0 // indirect

replace anywhere => ../..

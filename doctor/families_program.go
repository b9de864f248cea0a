package doctor

// programFamilies are of programs that do not start, or not as they should.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
func programFamilies() []family {
	starting := []string{"aws_signing_helper", "signing_helper", "anywhere-signer", "credential_process", "credential-process", "credential process", "custom-process", "commandline=", "execvp", "execve", "fork/exec", "exec ", "spawn ", "child_process", "createprocess", "processbuilder", "run program", "process.start", "start process", "unable to start", "failed to execute", "failed to start", "failed at step exec"}
	absent := []string{"no such file", "not found", "cannot find", "can't find", "could not find", "unable to find", "not recognized", "enoent", "could not be found", "does not exist", "doesn't exist", "error=2", "native error= cannot find", "oserror 2", "errno 2", "os error 2", "code: notfound"}
	return []family{
		{all: [][]string{starting, absent}, none: []string{".pem", ".crt", ".cer", ".key", "musl", "interpreter", "glibc", "libc.so", "shared librar", "shared object"}, codes: []Code{"RA503", "RA511"},
			means: "the program is not where the line says, or PATH is shorter here than in your shell; if the file is there, its loader is not"},
		{all: [][]string{{"exit status 127", "exit code 127", "code 127", "status=127", "exited with 127", "value: 127", "returned 127"}}, codes: []Code{"RA503", "RA511"},
			means: "a shell says 127 where it finds no such program: the path is wrong, or PATH is shorter in a service than in your shell"},
		{all: [][]string{{"status=203", "203/exec"}}, codes: []Code{"RA503", "RA513"}, means: "systemd could not start the program: it is not there, has no execute bit, or is no program of this system"},
		{all: [][]string{{"status=200/chdir", "200/chdir", "failed at step chdir"}}, codes: []Code{"RA514", "RA503"}, means: "systemd could not go to WorkingDirectory, from which relative paths count"},
		{all: [][]string{{"status=217", "217/user", "failed at step user"}}, codes: []Code{"RA504", "RA503"}, means: "systemd does not know the service's user, so nothing of that user is read"},
		{all: [][]string{{"exec format", "bad cpu type", "cannot execute binary", "cannot execute: required file not found", "not a valid win32", "wrong elf class", "incompatible architecture", "wrong architecture", "illegal instruction", "sigill", "not compatible with the version of windows", "can't run on your pc", "mach-o file, but", "badexetype", "error 193", "error=193", "0xc000007b", "architecture mismatch", "rosetta"}}, none: []string{"pkcs11", "pkcs#11"}, firm: true, codes: []Code{"RA511", "RA503"},
			means: "the program was built for another system or CPU"},
		{all: [][]string{{"glibc", "musl", "libc.so", "libstdc++", "shared librar", "shared object", "ld-linux", "dyld", "vcruntime", "symbol not found", "undefined symbol"}, {"not found", "no such file", "cannot open", "missing", "error loading", "while loading", "not loaded", "error relocating"}}, none: []string{"pkcs11", "pkcs#11", "opensc", "softhsm", "ykcs11", "p11-kit", "provider library"}, codes: []Code{"RA511", "RA503"},
			means: "the program's loader, or a library that it needs, is not on this system: built for another C library"},
		{all: [][]string{{"library", "module", "dlopen", ".so", ".dylib", ".dll"}, {"pkcs11", "pkcs#11", "p11-kit", "opensc", "softhsm", "ykcs11"}, {"not found", "no such file", "cannot open", "failed to load", "could not load", "unable to load", "cannot load", "no module", "does not exist", "wrong elf", "incompatible architecture", "not a mach-o"}}, firm: true, codes: []Code{"RA107", "RA711"},
			means: "the module of the token was not found, or is of another CPU than the program that loads it"},
		{all: [][]string{{"gatekeeper", "developer cannot be verified", "unidentified developer", "malicious software", "quarantine", "killed: 9", "zsh: killed", "notariz", "code signature", "smartscreen", "windows protected your pc", "applocker", "group policy", "blocked by your administrator", "blocked by your organization", "defender", "potentially unwanted", "virus", "execution of scripts is disabled"}}, codes: []Code{"RA513", "RA511"},
			means: "the system's guard does not let the program start: quarantine, a missing signature, or a rule of the administrators"},
		{all: [][]string{{"apparmor", "selinux", "avc:", "seccomp", "landlock", "fapolicyd"}, {"denied", "block", "prevent", "not permitted", "enforc"}}, codes: []Code{"RA513", "RA503"}, means: "a rule of the system (SELinux, AppArmor) keeps the program from starting or from its files"},
		{all: [][]string{{"permission denied", "access is denied", "eacces", "eperm", "errno 13", "os error 13", "unauthorizedaccess"}, starting}, none: []string{".pem", ".crt", ".key", ".aws/"}, codes: []Code{"RA503", "RA513"},
			means: "the program may not be started: no execute bit, a file system mounted noexec, or the system's guard"},
		{all: [][]string{{"c:\\program", "program files", "path with spaces", "spaces in", "blank in", "whitespace in"}, {"not recognized", "not found", "cannot find", "no such file", "unexpected", "invalid", "error"}}, codes: []Code{"RA512", "RA503"},
			means: "the path was cut at its blank: SDKs split the line in different ways"},
		{all: [][]string{{"credential_process", "credential process", "custom-process", "process provider", "process credential", "external process", "processcredential", "processawscredential"}, {"json", "parse", "expecting value", "unexpected token", "version key", "unsupported version", "missing", "malformed", "decode", "did not return", "no output", "empty output", "invalid output", "accesskeyid"}}, none: []string{"exit status", "accessdenied", "profile"}, firm: true, codes: []Code{"RA707", "RA511"},
			means: "the program ran, and what it printed is not the JSON that is wanted: an error message, a banner of the shell, or nothing; or the program is older than the field that is missed"},
		{all: [][]string{{"credential_process", "credentials-process", "credential process", "process credential"}, {"not supported", "unsupported", "not implemented", "feature", "does not support", "doesn't support", "no support", "ignored", "unrecognized", "unknown key", "unknown property", "not honor"}}, none: []string{"unsupported version"}, firm: true, codes: []Code{"RA702", "RA504"},
			means: "this program, or the version of the SDK in it, starts no credential_process"},
		{all: [][]string{{"credential", "process", "provider", "signing_helper"}, {"timed out", "timeout", "deadline", "too long", "did not respond"}, {"credential_process", "credential process", "process provider", "external process", "custom-process", "identity resol", "identity cache", "credentials provider", "credential provider"}}, none: []string{"169.254", "imds", "metadata"}, codes: []Code{"RA708", "RA402"},
			means: "the program took longer than its caller waits: a key that asks for a PIN, or an endpoint that does not answer"},
	}
}

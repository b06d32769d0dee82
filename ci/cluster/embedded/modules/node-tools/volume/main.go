// Command volume makes and removes the folders behind the volumes of the local-path provisioner, which starts it in a
// helper pod with the folder in VOL_DIR and the arguments "-a create" or "-a delete" (beside others).
package main

import (
	"fmt"
	"os"
)

func main() {
	folder, action := os.Getenv("VOL_DIR"), ""
	for index, word := range os.Args {
		if word == "-a" && index+1 < len(os.Args) {
			action = os.Args[index+1]
		}
	}
	if err := do(action, folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func do(action, folder string) error {
	if folder == "" {
		return fmt.Errorf("VOL_DIR is not set")
	}
	switch action {
	case "create":
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		// Kubernetes applies no fsGroup to volumes of this kind, so everyone may write, as in the provisioner's own
		// setup script. The umask does not reach chmod.
		return os.Chmod(folder, 0o777)
	case "delete":
		return os.RemoveAll(folder)
	}
	return fmt.Errorf("unknown action %q: create or delete", action)
}

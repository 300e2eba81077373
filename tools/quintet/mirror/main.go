// Command mirror builds container images from files and serves them to the embedded nodes under their upstream names.
//
//	mirror build -layout DIR -images IMAGES.json   writes one image a list entry into the OCI layout DIR
//	mirror serve -layout DIR -listen ADDRESS       answers pulls from it; with -upstream it fetches what is missing
//
// containerd names the registry it wanted in the query (ns=ghcr.io), so one mirror can stand for all of them.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(log.LstdFlags | log.Lmsgprefix)
	log.SetPrefix("mirror: ")
	if len(os.Args) < 2 {
		log.Fatal("usage: mirror build|serve -layout DIR …")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	dir := flags.String("layout", "", "folder of the OCI layout")
	images := flags.String("images", "", "list of the images to build (JSON)")
	listen := flags.String("listen", "", "address to serve on, host:port")
	upstream := flags.Bool("upstream", false, "fetch images that the layout lacks from the registry they name")
	_ = flags.Parse(os.Args[2:]) // ExitOnError: it does not return one
	if *dir == "" {
		log.Fatal("-layout is needed")
	}
	if err := run(os.Args[1], *dir, *images, *listen, *upstream); err != nil {
		log.Fatal(err)
	}
}

func run(verb, dir, images, listen string, upstream bool) error {
	store, err := openStore(dir)
	if err != nil {
		return err
	}
	switch verb {
	case "build":
		return build(store, images)
	case "serve":
		return serve(store, listen, upstream)
	}
	return fmt.Errorf("%q is neither build nor serve", verb)
}

// Reads the log of an evidence folder with Go's own transparency log packages: a second opinion that shares no code
// with ours. Usage: main EVIDENCE. Prints `ok <origin> <size>` and exits 0, or says what does not hold and exits 1.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: main EVIDENCE")
		os.Exit(2)
	}
	origin, size, err := check(filepath.Join(os.Args[1], "log"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok", origin, size)
}

// check takes the steps of spec/06-log.md in order; the first that fails is the answer.
func check(dir string) (origin string, size int64, err error) {
	origin, tree, err := openCheckpoint(dir)
	if err != nil {
		return "", 0, err
	}
	if err := checkTreeHash(dir, tree); err != nil {
		return "", 0, err
	}
	// TileHashReader vouches for the hash of the tree; that each tile and each entry is right is recomputed here.
	hashes, err := hashesOfEntries(dir, tree.N)
	if err != nil {
		return "", 0, err
	}
	if err := checkTiles(dir, tree.N, hashes); err != nil {
		return "", 0, err
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return "", 0, fmt.Errorf("entries: %w", err)
	}
	// What an empty log's root is has been checked above: tlog has none for it.
	if tree.N > 0 && root != tree.Hash {
		return "", 0, fmt.Errorf("the entries lead to another root than the checkpoint's")
	}
	return origin, tree.N, nil
}

// checkTreeHash is what a client of the log does: read the right edge from tiles, compare with the signed root.
func checkTreeHash(dir string, tree tlog.Tree) error {
	if tree.N == 0 {
		if tree.Hash != sha256.Sum256(nil) {
			return fmt.Errorf("the root of an empty log is the hash of nothing")
		}
		return nil
	}
	root, err := tlog.TreeHash(tree.N, tlog.TileHashReader(tree, &folder{dir}))
	if err != nil {
		return fmt.Errorf("tree hash: %w", err)
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles lead to another root than the checkpoint's")
	}
	return nil
}

// stored is every hash of the tree, in the order of tlog.StoredHashIndex.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

func hashesOfEntries(dir string, size int64) (stored, error) {
	var hashes stored
	for first := int64(0); first < size; first += tileWidth {
		width := size - first
		if width > tileWidth {
			width = tileWidth
		}
		path := pathOf("entries", tlog.Tile{H: tileHeight, L: 0, N: first / tileWidth, W: int(width)})
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, err
		}
		for index := first; index < first+width; index++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s: ends at entry %d", path, index)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			added, err := tlog.StoredHashes(index, data[2:end], hashes)
			if err != nil {
				return nil, fmt.Errorf("%s: entry %d: %w", path, index, err)
			}
			hashes, data = append(hashes, added...), data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s: bytes after the last entry", path)
		}
	}
	return hashes, nil
}

func checkTiles(dir string, size int64, hashes stored) error {
	for _, tile := range tilesOf(size) {
		path := pathOf(fmt.Sprint(tile.L), tile)
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		want, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if !bytes.Equal(data, want) {
			return fmt.Errorf("%s: not the tile of the entries", path)
		}
	}
	return nil
}

func openCheckpoint(dir string) (string, tlog.Tree, error) {
	none := tlog.Tree{}
	vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
	if err != nil {
		return "", none, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return "", none, fmt.Errorf("vkey: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return "", none, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return "", none, fmt.Errorf("checkpoint: %w", err)
	}
	return readCheckpoint(opened.Text)
}

// readCheckpoint reads our three lines with Go's reader of its own form, which differs in the first line alone.
func readCheckpoint(text string) (string, tlog.Tree, error) {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return "", tlog.Tree{}, fmt.Errorf("checkpoint: not exactly three lines")
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + lines[2]))
	return strings.TrimSuffix(lines[0], "\n"), tree, err
}

// tilesOf lists every tile of a log of this size, each at its width at this size.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level, hashes := 0, size; hashes > 0; level, hashes = level+1, hashes/tileWidth {
		for first := int64(0); first < hashes; first += tileWidth {
			width := hashes - first
			if width > tileWidth {
				width = tileWidth
			}
			tiles = append(tiles, tlog.Tile{H: tileHeight, L: level, N: first / tileWidth, W: int(width)})
		}
	}
	return tiles
}

// folder is a tlog.TileReader over the files of the log.
type folder struct{ dir string }

func (f *folder) Height() int { return tileHeight }

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := pathOf(fmt.Sprint(tile.L), tile)
		data, err := os.ReadFile(filepath.Join(f.dir, path))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", path, len(data))
		}
		read[i] = data
	}
	return read, nil
}

// The folder is complete and never changes, so there is nothing to keep.
func (f *folder) SaveTiles([]tlog.Tile, [][]byte) {}

// pathOf maps Go's `tile/8/<L>/<N>` to the `tile/<L>/<N>` of C2SP, whose height is always 8.
func pathOf(level string, tile tlog.Tile) string {
	return "tile/" + level + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/%d", tile.H, tile.L))
}

package io.unifiedlatents.dataprep.source;

import static io.unifiedlatents.dataprep.source.Tars.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unifiedlatents.core.config.SourceFormat;
import io.unifiedlatents.dataprep.source.Inputs.Read;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveSourceTest {
    private static final long SEED = 20_260_217;

    @TempDir
    private Path directory;

    private Path file(String name) {
        return directory.resolve(name);
    }

    private List<Read> read(byte[] archive) throws IOException {
        Files.write(file("x.tar"), archive);
        return Inputs.read(Source.open(file("x.tar").toString(), SourceFormat.AUTO, Inputs.HADOOP));
    }

    @Test
    void membersOfAPlainAndAGzippedArchiveAreInputs() throws IOException {
        byte[] archive = tar().file("b/2.png", "two")
                .file("./a//1.png", "one")
                .file("top.png", "")
                .file(".DS_Store", "x")
                .file("b/._2.png", "x")
                .bytes();
        Files.createDirectories(file("in"));
        Files.write(file("in/p.tar"), archive);
        Files.write(file("in/q.tar.gz"), Tars.gzip(archive));
        Files.write(file("in/r.tgz"), archive); // as browsers leave them
        List<Read> expected = new ArrayList<>();
        for (String name : List.of("in/p.tar", "in/q.tar.gz", "in/r.tgz")) {
            expected.add(Read.of(name + "/b/2.png", "b", "two"));
            expected.add(Read.of(name + "/a/1.png", "a", "one"));
            expected.add(Read.of(name + "/top.png", ".", ""));
        }
        assertThat(Inputs.read(Source.open(directory.toString(), SourceFormat.AUTO, Inputs.HADOOP)))
                .containsExactlyElementsOf(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "oldgnu", "pax", "ustar", "v7"})
    void archivesOfGnuTarAreRead(String format) throws Exception {
        assumeTrue(run("tar", "--version") == 0, "GNU tar is not installed");
        boolean long_ = !format.equals("ustar") && !format.equals("v7");
        List<String> paths = new ArrayList<>(List.of("a/caf\u00e9 #%.png", "a/\u65e5\u672c.png", "b/2.png"));
        if (long_) {
            paths.add("c/" + "long".repeat(60) + ".png");
            paths.add("d/" + ("e".repeat(99) + "/").repeat(9) + "f.png");
        } else if (format.equals("ustar")) {
            paths.add("c/" + "y".repeat(98) + "/" + "x".repeat(90) + ".png"); // by its prefix
        }
        for (String path : paths) {
            Files.createDirectories(file("in/" + path).getParent());
            Files.writeString(file("in/" + path), path);
        }
        List<String> command = new ArrayList<>(List.of(
                "tar",
                "--format=" + format,
                "-C",
                file("in").toString(),
                "-cf",
                file("x.tar").toString()));
        command.addAll(paths);
        assertThat(run(command.toArray(String[]::new))).isZero();
        List<Read> expected = new ArrayList<>();
        for (String path : paths) {
            String content = new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            expected.add(Read.of("x.tar/" + path, FoundFile.folder(path), content));
        }
        assertThat(Inputs.read(Source.open(file("x.tar").toString(), SourceFormat.AUTO, Inputs.HADOOP)))
                .containsExactlyElementsOf(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "pax"})
    void sparseMembersOfGnuTarAreRefusedAndPassed(String format) throws Exception {
        assumeTrue(run("tar", "--version") == 0, "GNU tar is not installed");
        try (RandomAccessFile holes = new RandomAccessFile(file("1.png").toFile(), "rw")) {
            for (int i = 0; i < 40; i++) { // more pieces than one header lists
                holes.seek(i * 1_000_000L);
                holes.write(1);
            }
        }
        Files.writeString(file("2.png"), "two");
        assertThat(run(
                        "tar",
                        "--format=" + format,
                        "--sparse",
                        "-C",
                        directory.toString(),
                        "-cf",
                        file("x.tar").toString(),
                        "1.png",
                        "2.png"))
                .isZero();
        assumeTrue(Files.size(file("x.tar")) < 10_000_000, "this file system has no holes");
        List<Read> inputs = Inputs.read(Source.open(file("x.tar").toString(), SourceFormat.AUTO, Inputs.HADOOP));
        assertThat(Inputs.usable(inputs)).containsExactly("x.tar/2.png");
        assertThat(Inputs.problems(inputs)).singleElement().asString().endsWith("1.png: sparse file");
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void namesThatLeaveTheArchiveLinksAndDevicesAreReported() throws IOException {
        List<Read> inputs = read(tar().file("1.png", "1")
                .file("../2.png", "2")
                .file("a/../../3.png", "3")
                .file("/4.png", "4")
                .file("a\\..\\..\\5.png", "5")
                .file("C:\\6.png", "6")
                .file("a/7\0.png" + "x".repeat(100), "7")
                .file("a\\8.png", "8")
                .special("9.png", TarConstants.LF_SYMLINK, "/etc/passwd")
                .special("10.png", TarConstants.LF_LINK, "1.png")
                .special("11.png", TarConstants.LF_CHR, "")
                .special("12.png", TarConstants.LF_FIFO, "")
                .special("folder/", TarConstants.LF_DIR, "")
                .file("1.png", "again")
                .file("14.png", "14")
                .bytes());
        assertThat(Inputs.usable(inputs)).containsExactly("x.tar/1.png", "x.tar/a\\8.png", "x.tar/14.png");
        assertThat(Inputs.problems(inputs))
                .containsExactly(
                        "x.tar/../2.png: name leaves the archive",
                        "x.tar/a/../../3.png: name leaves the archive",
                        "x.tar//4.png: name leaves the archive",
                        "x.tar/a\\..\\..\\5.png: name leaves the archive",
                        "x.tar/C:\\6.png: name leaves the archive",
                        "x.tar/a/7\ufffd.png" + "x".repeat(100) + ": bad name",
                        "x.tar/9.png: link",
                        "x.tar/10.png: link",
                        "x.tar/11.png: no file",
                        "x.tar/12.png: no file",
                        "x.tar/1.png: duplicate");
    }

    @Test
    void samplesOfAWebDatasetAreAnnotatedByTheirMembers() throws IOException {
        List<Read> inputs = read(tar().file("0.jpg", "A")
                .file("0.cls", "7\n")
                .file("0.txt", " a caption\n")
                .file("1.json", "{\"label\": 3, \"caption\": \"b\", \"split\": \"train\", \"other\": [1]}")
                .file("1.jpg", "B")
                .file("1.npy", "ignored")
                .file("2.cls", "5")
                .file("2.json", "{\"label\": 3, \"text\": \"c\"}")
                .file("2.left.jpg", "C")
                .file("2.right.jpg", "D")
                .file("a/3.jpg", "E")
                .file("a/3.json", "{\"label\": [], \"caption\": \"\"}")
                .file("a/4.json", "{}")
                .file("a/5.jpg", "F")
                .file("a/5.json", "{no json")
                .file("a/6.jpg", "G")
                .file("a/6.caption", "g")
                .file("b/6.txt", "of no picture")
                .file(".x.jpg", "H")
                .file(".y.cls", "1")
                .bytes());
        assertThat(inputs)
                .containsExactly(
                        new Read("x.tar/0.jpg", "7", "a caption", null, null, "A"),
                        new Read("x.tar/1.jpg", "3", "b", "train", null, "B"),
                        new Read("x.tar/2.left.jpg", "5", "c", null, null, "C"),
                        new Read("x.tar/2.right.jpg", "5", "c", null, null, "D"),
                        new Read("x.tar/a/3.jpg", "a", null, null, null, "E"),
                        Read.of("x.tar/a/4.json", "a", "{}"),
                        new Read("x.tar/a/5.jpg", null, null, null, "bad annotation", null),
                        new Read("x.tar/a/6.jpg", "a", "g", null, null, "G"),
                        Read.of("x.tar/b/6.txt", "b", "of no picture"),
                        Read.of("x.tar/.x.jpg", ".", "H"),
                        Read.of("x.tar/.y.cls", ".", "1"));
    }

    /** As ImageNet is published: an archive in the archive for each class. */
    private static byte[] imageNet() throws IOException {
        Tars outer = tar();
        for (String synset : List.of("n01440764", "n01443537", "n01484850")) {
            outer.file(
                    synset + ".tar",
                    tar().file(synset + "_1.JPEG", synset + "one")
                            .file(synset + "_2.JPEG", synset + "two")
                            .bytes());
        }
        return outer.bytes();
    }

    @Test
    void archivesInAnArchiveAreClassesAndPartsOfTheirOwn() throws IOException {
        Files.write(file("train.tar"), imageNet());
        Listing listing = Listing.of(file("train.tar").toString(), Inputs.HADOOP);
        List<Part> whole = new ArchiveSource(listing, Inputs.HADOOP).parts();
        List<Part> split = new ArchiveSource(listing, Inputs.HADOOP, 0).parts();
        assertThat(whole).hasSize(1);
        assertThat(split).hasSize(3);
        List<Read> inputs = Inputs.read(whole.get(0));
        assertThat(inputs).hasSize(6);
        assertThat(inputs.get(2))
                .isEqualTo(Read.of("train.tar/n01443537.tar/n01443537_1.JPEG", "n01443537", "n01443537one"));
        for (int i = 0; i < 3; i++) {
            assertThat(Inputs.read(split.get(i))).isEqualTo(inputs.subList(2 * i, 2 * i + 2));
        }
        assertThat(split.stream().mapToLong(Part::bytes).sum()).isEqualTo(Files.size(file("train.tar")));
    }

    @Test
    void aSplitArchiveGivesWhatTheWholeGives() throws IOException {
        byte[] inner = tar().file("1.png", "1").bytes();
        String longName = "long".repeat(60);
        byte[] archive = tar().special("train/", TarConstants.LF_DIR, "")
                .file("train/" + longName + ".tar", inner)
                .file("train/b.png", "b")
                .file("train/b.cls", "7")
                .file("train/c.tar.gz", Tars.gzip(inner))
                .file("train/d.tar", inner)
                .file("../e.png", "e")
                .bytes();
        Files.write(file("x.tar"), archive);
        for (int length : new int[] {archive.length, archive.length - 10_000, 7000, 5000, 3000, 600, 100}) {
            Files.write(file("x.tar"), Arrays.copyOf(archive, length));
            Listing listing = Listing.of(file("x.tar").toString(), Inputs.HADOOP);
            List<Read> whole = Inputs.read(new ArchiveSource(listing, Inputs.HADOOP));
            ArchiveSource split = new ArchiveSource(listing, Inputs.HADOOP, 0);
            assertThat(Inputs.read(split)).as("cut after %s", length).isEqualTo(whole);
            if (length == archive.length) {
                assertThat(split.parts()).hasSize(5);
                assertThat(whole)
                        .extracting(Read::className)
                        .containsExactly("train/" + longName, "7", "train/c", "train/d", null);
            }
        }
    }

    @Test
    void anArchiveOfOneClassIsNamedAsIt() throws IOException {
        Files.write(file("n01440764.tar"), tar().file("n01440764_1.JPEG", "x").bytes());
        Files.write(file("train-0001.tar"), tar().file("1.jpg", "x").bytes());
        assertThat(Inputs.read(Source.open(directory.toString(), SourceFormat.ARCHIVES, Inputs.HADOOP)))
                .extracting(Read::className)
                .containsExactly("n01440764", ".");
    }

    @Test
    void archivesThatHoldEachOtherEndSomewhere() throws IOException {
        byte[] archive = tar().file("x.png", "x").bytes();
        for (int depth = 0; depth < 6; depth++) {
            archive = tar().file("a.tar.gz", Tars.gzip(archive)).bytes();
        }
        List<Read> inputs = read(archive);
        assertThat(Inputs.problems(inputs))
                .containsExactly("x.tar/a.tar.gz/a.tar.gz/a.tar.gz/a.tar.gz: nested too deeply");
        assertThat(inputs).hasSize(1);
    }

    @Test
    void membersThatAreTooLargeArePassed() throws IOException {
        // written by hand, for 513 MiB of zeros are quick to compress and to skip
        byte[] large = header("big.png", SourceInput.MAX_BYTES + 1);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (java.util.zip.GZIPOutputStream out = new java.util.zip.GZIPOutputStream(compressed)) {
            out.write(large);
            byte[] zeros = new byte[1 << 20];
            for (long written = 0; written < SourceInput.MAX_BYTES; written += zeros.length) {
                out.write(zeros);
            }
            out.write(new byte[TarStream.BLOCK]);
            out.write(tar().file("small.png", "small").bytes());
        }
        assertThat(read(compressed.toByteArray()))
                .containsExactly(
                        new Read("x.tar/big.png", null, null, null, "too large", null),
                        Read.of("x.tar/small.png", ".", "small"));
    }

    /** The header alone of a file. */
    private static byte[] header(String name, long size) throws IOException {
        byte[] header = Arrays.copyOf(tar().file(name, "").bytes(), TarStream.BLOCK);
        byte[] digits = String.format("%011o", size).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, header, 124, digits.length);
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        byte[] checksum = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(checksum, 0, header, 148, checksum.length);
        return header;
    }

    private static final List<String> FIVE = List.of("0.png", "1.png", "2.png", "3.png", "4.png");

    /** Each member takes two blocks, and the end mark two more. */
    private static byte[] five() throws IOException {
        Tars tar = tar();
        for (String name : FIVE) {
            tar.file(name, name);
        }
        return Arrays.copyOf(tar.bytes(), 12 * TarStream.BLOCK);
    }

    @Test
    void anArchiveCutOffAnywhereGivesWhatIsBeforeAndReportsTheDamage() throws IOException {
        byte[] whole = five();
        assertThat(Inputs.usable(read(whole))).hasSize(5);
        for (int length = 0; length < whole.length; length += 37) {
            List<Read> inputs = read(Arrays.copyOf(whole, length));
            List<String> complete = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                boolean contentIsThere =
                        length >= (2 * i + 1) * TarStream.BLOCK + FIVE.get(i).length();
                if (contentIsThere) {
                    complete.add("x.tar/" + FIVE.get(i));
                }
            }
            assertThat(Inputs.usable(inputs)).as("cut after %s", length).isEqualTo(complete);
            assertThat(Inputs.problems(inputs)).as("cut after %s", length).containsExactly("x.tar: damaged archive");
        }
    }

    @Test
    void aGzippedArchiveCutOffOrAlteredIsReported() throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        Tars tar = tar();
        for (String name : FIVE) {
            byte[] content = new byte[5000];
            random.nextBytes(content);
            tar.file(name, content);
        }
        byte[] whole = Tars.gzip(tar.bytes());
        List<Read> original = read(whole);
        assertThat(Inputs.usable(original)).hasSize(5);
        for (int length = 2; length < whole.length; length += 997) {
            List<Read> inputs = read(Arrays.copyOf(whole, length));
            assertThat(Inputs.problems(inputs)).as("cut after %s", length).containsExactly("x.tar: damaged archive");
            assertThat(original).containsAll(inputs.subList(0, inputs.size() - 1));
        }
        for (int i = 0; i < 200; i++) {
            byte[] altered = whole.clone();
            altered[10 + random.nextInt(whole.length - 10)] ^= (byte) (1 << random.nextInt(8));
            assertThat(Inputs.problems(read(altered))).contains("x.tar: damaged archive");
        }
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.write(Tars.gzip(Arrays.copyOf(five(), 5000)));
        twice.write(Tars.gzip(Arrays.copyOfRange(five(), 5000, five().length)));
        assertThat(Inputs.usable(read(twice.toByteArray())))
                .as("in two pieces, as pigz and bgzip write")
                .hasSize(5);
        twice.write("garbage behind".getBytes(StandardCharsets.US_ASCII));
        assertThat(Inputs.problems(read(twice.toByteArray()))).containsExactly("x.tar: damaged archive");
    }

    @Test
    void dataBehindTheEndMarkAreNotLostInSilence() throws IOException {
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.write(five());
        twice.write(five());
        List<Read> inputs = read(twice.toByteArray());
        assertThat(Inputs.usable(inputs)).hasSize(5);
        assertThat(Inputs.problems(inputs)).containsExactly("x.tar: damaged archive");
    }

    @Test
    void aDamagedArchiveInAnArchiveDoesNotHideItsNeighbours() throws IOException {
        byte[] inner = tar().file("1.png", "1").file("2.png", "2").bytes();
        byte[] damaged = inner.clone();
        damaged[2 * TarStream.BLOCK + 5] ^= 1;
        List<Read> inputs =
                read(tar().file("a.tar", damaged).file("b.tar", inner).bytes());
        assertThat(Inputs.usable(inputs))
                .containsExactly("x.tar/a.tar/1.png", "x.tar/b.tar/1.png", "x.tar/b.tar/2.png");
        assertThat(Inputs.problems(inputs)).containsExactly("x.tar/a.tar: damaged archive");
    }

    @Test
    void aSampleWhoseLabelWasCutOffIsNotGivenAnotherClass() throws IOException {
        byte[] whole = tar().file("0.jpg", "A")
                .file("0.cls", "1")
                .file("1.jpg", "B")
                .file("1.cls", "2")
                .bytes();
        List<Read> inputs = read(Arrays.copyOf(whole, 6 * TarStream.BLOCK + 100));
        assertThat(Inputs.usable(inputs)).containsExactly("x.tar/0.jpg");
        assertThat(Inputs.problems(inputs)).containsExactly("x.tar/1.jpg: incomplete", "x.tar: damaged archive");
    }

    /** Whatever the bytes: inputs, problems, and an end. */
    @Test
    void alteredArchivesNeverFail() throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] inner = tar().file("1.png", "1")
                .file("1.cls", "1")
                .file("n".repeat(150), "2")
                .bytes();
        byte[] original = tar().file("a.tar", inner)
                .file("caf\u00e9.png", "x".repeat(700))
                .file("b.tar.gz", Tars.gzip(inner))
                .file("c.json", "{\"label\": 3}")
                .file("c.jpg", "y")
                .special("l", TarConstants.LF_SYMLINK, "c.jpg")
                .bytes();
        int damaged = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] altered = original.clone();
            int bytes = 1 + random.nextInt(8);
            for (int j = 0; j < bytes; j++) {
                altered[random.nextInt(altered.length)] = (byte) random.nextInt(256);
            }
            boolean fixChecksums = random.nextInt(2) == 0; // else hardly anything gets past them
            if (fixChecksums) {
                fixChecksums(altered);
            }
            List<Read> inputs = read(altered);
            damaged += Inputs.problems(inputs).stream().anyMatch(what -> what.endsWith(": damaged archive")) ? 1 : 0;
        }
        assertThat(damaged).isBetween(500, 1499); // many, and not all, are hit where it shows
    }

    /** Makes every block a valid header where it stands for one. */
    private static void fixChecksums(byte[] archive) {
        for (int start = 0; start + TarStream.BLOCK <= archive.length; start += TarStream.BLOCK) {
            String magic = new String(archive, start + 257, 5, StandardCharsets.US_ASCII);
            if (magic.equals("ustar")) {
                Arrays.fill(archive, start + 148, start + 156, (byte) ' ');
                int sum = 0;
                for (int i = start; i < start + TarStream.BLOCK; i++) {
                    sum += archive[i] & 0xff;
                }
                byte[] checksum = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(checksum, 0, archive, start + 148, checksum.length);
            }
        }
    }

    @Test
    void aStoreThatFailsIsNoDamage() throws IOException {
        Files.write(file("x.tar"), five());
        List<Part> parts = Source.open(file("x.tar").toString(), SourceFormat.AUTO, Inputs.HADOOP)
                .parts();
        Files.write(file("x.tar"), Arrays.copyOf(five(), 1000));
        assertThatThrownBy(() -> Inputs.read(parts.get(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("x.tar ended before byte 1024");
        Files.delete(file("x.tar"));
        assertThatThrownBy(() -> Inputs.read(parts.get(0))).isInstanceOf(IOException.class);
    }
}

#!/bin/bash
# assemble.sh [--save-sources FILE] OUT_DIR
#
# Puts together a GraalVM-like home in OUT_DIR, with bin/native-image, from the GraalVM Community jars of Maven Central, JDK
# static libraries compiled from Debian's OpenJDK source, and the small C and Java parts beside this script. README.md says
# what that is good for. A second run with the same inputs returns at once.
#
#   --save-sources FILE   also writes the C files that were used (about 0.3 MB, GPLv2 with Classpath exception) as a .tar.xz
# Environment:
#   JAVA_HOME             a JDK 25; otherwise the first one under /usr/lib/jvm
#   JDK_SOURCES           such a .tar.xz (or the whole OpenJDK source archive): nothing is fetched from Debian then
#   DEBIAN_MIRROR         where apt finds Debian; otherwise taken from the machine's own apt sources
#   MAVEN_OPTS            as usual, e.g. -Dmaven.repo.local=DIR
set -euo pipefail
shopt -s nullglob
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# --- pins -----------------------------------------------------------------------------------------------------------

svm=25.0.2
maven_plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1
jars="
475eae6a53f30e358e1849384e305281f3e1d0e13f69182bc7621c70839c1b7f  compiler-$svm.jar
248e08c3ce02e47746f4697d0127f7142add99474ae31e7dea95e7da9823aacf  collections-$svm.jar
e0327ad8d966e192722de10d0d50a8fdce0c13901f5c226ebd1e6cb2c76e7648  espresso-svm-$svm.jar
b0312ea07d22ff4aca5ba751cd05d93c8879fc7f98599ab47975431ee9d9e33f  native-image-base-$svm.jar
ab30dea76d42dd78f1755faa062af0f0b853df2b3aaac92a0f912e7eebec3971  nativeimage-$svm.jar
df2b91706efdf0f6fadd026f530351daabca7973ab904de98b9ecb18a923f01d  nativeimage-libgraal-$svm.jar
e52dc4f55ce27cc34c07f86d1fd1f380a9e2619cf41343ae13fffab4f7bfe261  objectfile-$svm.jar
117d728ed5cbd118916dff3d699097425dfbd6a2e3d3861c152cdb022e188240  pointsto-$svm.jar
283f4d24bbb1634772ed4bf01b456b4e04dd74889dcdb38c4f29f825f530428c  svm-$svm.jar
a39c960e80eb476793c9822c716e6c32a2f2a18987abadb54ce7a0fe9c583aab  svm-capnproto-runtime-$svm.jar
14f00d18323ea391808f1e8982dfaabd7f82083df1bd22f11cdd37203dfb156f  svm-configure-$svm.jar
e74384ef882d7867fe02be57907909cd9137f763b3c8c5242cdd3ea7970b6933  truffle-compiler-$svm.jar
1e616c48deed3b5f855227a88ccfe9c5a71f0ead6422f9c41cd853f584abfa88  word-$svm.jar
"
# Debian's OpenJDK source archives, best first; among them, those of the JDK's own version are preferred. What is not pinned is
# taken too when nothing pinned is to be had: Debian's signed index vouches for it, static-libs.sh for its fitting the JDK.
sources="
2dd6c441b49705480db1ebfcd03f43d5dcb7f1d4290e98c1fa6eeefae50cfa07  openjdk-25 25.0.3+9
bacc6c3e249011cbb759e90af568b647b1c4ae1581f6248974f53e5a549ed7a7  openjdk-25 25.0.5+8
b9a893567232edf475e1511ce2de897a00bc3d775f2e46269f492164150f0d76  openjdk-26 26.0.2.1+1
"

fail() { echo "assemble.sh: $*" >&2; exit 1; }
step() { echo "assemble.sh: [$SECONDS s] $*"; }

# --- what is asked for, and what is here ----------------------------------------------------------------------------

save=
if [ "${1:-}" = --save-sources ]; then save=${2:-}; shift $(($# < 2 ? $# : 2)); fi
[ $# -eq 1 ] && [ "${1#-}" = "$1" ] || fail "arguments: expected [--save-sources FILE] OUT_DIR, found '$*'"
out=$(realpath -m "$1"); [[ $out != *[[:space:]]* ]] || fail "OUT_DIR: expected a path without blanks, found '$out'"
mkdir -p "$(dirname "$out")"
[ -z "$save" ] || save=$(realpath -m "$save")

[ "$(uname -sm)" = "Linux x86_64" ] || fail "machine: expected Linux x86_64, found $(uname -sm)"
for tool in gcc ar nm mvn apt-get apt-cache tar xz unzip sha256sum flock; do
  command -v "$tool" > /dev/null || fail "tools: expected $tool on the PATH, found none"
done
echo '#include <zlib.h>' | gcc -E - > /dev/null 2>&1 || fail "zlib.h: expected the package zlib1g-dev, found no such header"

is_jdk25() { [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[".]' "$1/release" 2>/dev/null; }
jdk=
for candidate in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
  if is_jdk25 "$candidate"; then jdk=$(cd "$candidate" && pwd -P); break; fi
done
[ -n "$jdk" ] || fail "JDK: expected a JDK 25 in JAVA_HOME or under /usr/lib/jvm, found JAVA_HOME='${JAVA_HOME:-}' and $(ls -m /usr/lib/jvm 2>/dev/null)"
[ -f "$jdk/lib/src.zip" ] || fail "$jdk/lib/src.zip: expected the JDK's Java sources, found no such file"
"$jdk/bin/java" -XX:+UnlockExperimentalVMOptions -XX:+EnableJVMCI -version > /dev/null 2>&1 || fail "$jdk: expected a JVM with JVMCI (Temurin has it), found one without"
version=$(. "$jdk/release"; echo "$JAVA_RUNTIME_VERSION"); version=${version%%-*}

# --- done before? ---------------------------------------------------------------------------------------------------

key=$(cd "$here" && { sha256sum assemble.sh static-libs.sh shim/*.[ch] driver/*.java image/*; cat "$jdk/release"; gcc -dumpfullversion; } | sha256sum | cut -d' ' -f1)
exec 9< "$(dirname "$out")"; flock 9     # one assembly at a time in a folder
if [ "$(cat "$out/.assembled" 2>/dev/null)" = "$key" ] && [ -z "$save" ]; then echo "assemble.sh: $out is up to date"; exit 0; fi
[ ! -e "$out" ] || [ -f "$out/.assembled" ] || [ -z "$(ls -A "$out")" ] || fail "$out: expected an empty folder or an earlier assembly, found other files"
work=$out.work; rm -rf "$work"; mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

# --- 1. the builder's jars ------------------------------------------------------------------------------------------

step "jars of svm $svm from Maven Central"
cat > "$work/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>jars</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.graalvm.nativeimage</groupId><artifactId>svm</artifactId><version>$svm</version></dependency></dependencies>
</project>
POM
JAVA_HOME=$jdk mvn -q -B -f "$work/pom.xml" "$maven_plugin:copy-dependencies" -DoutputDirectory="$work/jars" > "$work/mvn.log" 2>&1 \
  || fail "mvn: expected org.graalvm.nativeimage:svm:$svm and $maven_plugin, found: $(grep -m1 ERROR "$work/mvn.log" || tail -1 "$work/mvn.log")"
(cd "$work/jars" && awk NF <<< "$jars" | sha256sum --quiet --strict -c > "$work/sums" 2>&1) || fail "jars of svm $svm: expected the pinned sha256, found $(head -1 "$work/sums")"
[ "$(ls "$work/jars" | wc -l)" -eq "$(grep -c jar <<< "$jars")" ] || fail "jars of svm $svm: expected $(grep -c jar <<< "$jars"), found $(ls "$work/jars" | wc -l)"

# --- 2. the JDK's C sources -----------------------------------------------------------------------------------------

fetch_debian_source() {   # leaves the archive in $work/debian and its name in $archive
  local mirror=${DEBIAN_MIRROR:-} listed sum wanted refused=
  [ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null \
    | grep -E '^(deb|deb-src|URIs:) ' | grep -oE '[a-z+]+://[^ ]+/debian/?' | head -1 || true)
  [ -n "$mirror" ] || fail "apt: expected a Debian mirror in /etc/apt (or DEBIAN_MIRROR), found none"
  mkdir -p "$work"/debian/{lists,cache}/partial
  local suite keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -f "$keys" ] || fail "$keys: expected the package debian-archive-keyring, found no such file"
  for suite in trixie trixie-updates sid; do echo "deb-src [signed-by=$keys] $mirror $suite main"; done > "$work/debian/sources.list"
  local apt=(-qq -o Dir::Etc::sourcelist="$work/debian/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/debian/lists"
    -o Dir::Cache="$work/debian/cache" -o APT::Sandbox::User="$(id -un)")
  apt-get "${apt[@]}" update > "$work/apt.log" 2>&1 || true    # one suite may be missing; the look-up below decides
  # "sha256 package version" of each main source archive that Debian's signed index lists now
  listed=$(apt-cache "${apt[@]}" showsrc openjdk-25 openjdk-26 2>/dev/null \
    | awk '/^Version:/ {v=$2} /^ [0-9a-f]+ [0-9]+ openjdk-2[56]_.*\.orig\.tar\.xz$/ && length($1)==64 {split($3, name, "_"); print $1, name[1], v}' | sort -u || true)
  [ -n "$listed" ] || fail "apt: expected openjdk-25 or openjdk-26 in Debian's source index, found: $(grep -m1 'Failed to fetch' "$work/apt.log" || tail -1 "$work/apt.log")"
  for wanted in $(awk -v v="$version" '$3==v {print $1}' <<< "$sources") $(awk 'NF {print $1}' <<< "$sources") $(sort -k2,2 -k3,3Vr <<< "$listed" | cut -d' ' -f1); do
    sum=$(grep "^$wanted " <<< "$listed" | head -1) || continue
    case $refused in *"$wanted"*) continue;; esac
    # Only the main archive is needed. apt-get says 100 when a companion file (googletest) is not to be had: the sum decides.
    (cd "$work/debian" && apt-get "${apt[@]}" source --tar-only --download-only "$(cut -d' ' -f2,3 --output-delimiter== <<< "$sum")") >> "$work/apt.log" 2>&1 || true
    for archive in "$work"/debian/openjdk-2[56]_*.orig.tar.xz; do
      if [ "$(sha256sum < "$archive")" = "$wanted  -" ]; then
        grep -q "^$wanted " <<< "$sources" || step "not pinned, so untested: $(basename "$archive"), as Debian's signed index has it now"
        return
      fi
    done
    refused="$refused $wanted"
  done
  fail "OpenJDK source: expected one of Debian's archives, found none that can be downloaded of$(awk 'NF {printf " %s %s", $2, $3}' <<< "$listed"); set JDK_SOURCES to a saved archive"
}
if [ -n "${JDK_SOURCES:-}" ]; then
  archive=$JDK_SOURCES; step "C sources from $archive"
  [ -f "$archive" ] || fail "JDK_SOURCES: expected a file, found $archive"
else
  step "OpenJDK source from Debian"; fetch_debian_source
fi
step "unpacking $(basename "$archive")"
mkdir "$work/jdk"
tar xf "$archive" -C "$work/jdk" --strip-components=1 --wildcards '*/src/*/native/*' '*/src/hotspot/share/include/*' '*/src/hotspot/os/posix/include/*' '*/LICENSE' '*/ASSEMBLY_EXCEPTION' 2> /dev/null \
  || fail "$archive: expected an OpenJDK source archive, found something else"
if [ -n "$save" ]; then
  tar cJf "$save" --sort=name --owner=0 --group=0 --mtime=@0 -C "$work" --exclude='*/windows' --exclude='*/macosx' --exclude='*/aix' \
    jdk/LICENSE jdk/ASSEMBLY_EXCEPTION jdk/src/hotspot jdk/src/java.base jdk/src/java.management jdk/src/java.prefs jdk/src/jdk.management jdk/src/jdk.net
  step "saved the C sources in $save"
fi

# --- 3. the home: the JDK, the jars, the libraries, the command ----------------------------------------------------

step "static libraries"
home=$work/home; svm_dir=$home/lib/svm; clib=$svm_dir/clibraries/linux-amd64; static=$home/lib/static/linux-amd64/glibc
cp -a "$jdk" "$home"; rm -rf "$home/lib/src.zip" "$home/man"    # a copy: the builder looks for its files under java.home
mkdir -p "$svm_dir"/{builder/lib,upgrade,driver} "$clib/include" "$static"
"$here/static-libs.sh" "$jdk" "$work/jdk" "$static"

step "shim"
mv "$work/jars/compiler-$svm.jar" "$svm_dir/upgrade/"; mv "$work"/jars/*.jar "$svm_dir/builder/"
cp "$here/shim/svm_locale.h" "$clib/include/"
# The CPU feature headers must exist for every architecture; the fields are the accessors of the builder's own interfaces.
cpu_header() {   # ARCHITECTURE CLASS
  local fields; fields=$("$jdk/bin/javap" -cp "$svm_dir/builder/svm-$svm.jar" "$2\$CPUFeatures" | sed -n 's/.* boolean \(f[A-Za-z0-9_]*\)();/    char \1;/p')
  [ -n "$fields" ] || fail "svm-$svm.jar, $2: expected CPU feature accessors, found none"
  printf '#ifndef %s_CPUFEATURES_H\n#define %s_CPUFEATURES_H\ntypedef struct {\n%s\n} CPUFeatures;\n#endif\n' "$1" "$1" "$fields" > "$clib/include/$1cpufeatures.h"
}
cpu_header amd64 com.oracle.svm.core.amd64.AMD64LibCHelper
cpu_header aarch64 com.oracle.svm.core.aarch64.AArch64LibCHelper
cpu_header riscv64 com.oracle.svm.core.riscv64.RISCV64LibCHelper

compile() { gcc -O2 -fPIC -ffunction-sections -fdata-sections -Wall -Werror -I"$clib/include" -I"$work" -I"$jdk/include" -I"$jdk/include/linux" "$@"; }
for name in chelper svm_container; do
  compile -c "$here/shim/lib$name.c" -o "$work/$name.o"
done
# libjvm.a: the real functions first; whatever else the static libraries mention is generated as an aborting function.
: > "$work/jvm_absent.h"; compile -c "$here/shim/libjvm.c" -o "$work/jvm.o"
comm -23 <(nm -u "$static"/*.a 2>/dev/null | awk '$1=="U" && $2 ~ /^JVM_/ {print $2}' | sort -u) <(nm "$work/jvm.o" | awk '$2=="T" {print $3}' | sort -u) \
  | sed 's/.*/ABSENT(&)/' > "$work/jvm_absent.h"
compile -c "$here/shim/libjvm.c" -o "$work/jvm.o"
ar crs "$clib/liblibchelper.a" "$work/chelper.o"; ar crs "$clib/libsvm_container.a" "$work/svm_container.o"; ar crs "$clib/libjvm.a" "$work/jvm.o"
compile -shared "$here/shim/libreporterchelper.c" -o "$svm_dir/builder/lib/libreporterchelper.so"

step "driver"
"$home/bin/java" --add-modules=ALL-DEFAULT,jdk.internal.vm.ci "$here/driver/ModuleExports.java" "$svm_dir/builder" "$svm_dir/upgrade" > "$svm_dir/exports.args"
"$home/bin/javac" -Werror -Xlint:all -d "$svm_dir/driver" "$here/driver/NativeImage.java"
# What every image gets on its class path besides the application: see image/.
mkdir -p "$work/image/META-INF/native-image/local/support"
cp "$here/image/reachability-metadata.json" "$work/image/META-INF/native-image/local/support/"
"$home/bin/javac" -Werror -Xlint:all,-auxiliaryclass -cp "$(printf '%s:' "$svm_dir"/builder/*.jar)" -d "$work/image" "$here"/image/*.java
"$home/bin/jar" --create --file "$svm_dir/image-support.jar" -C "$work/image" .
cat > "$home/bin/native-image" <<'SCRIPT'
#!/bin/bash
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
exec "$home/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$home/lib/svm/driver" NativeImage "$@"
SCRIPT
chmod +x "$home/bin/native-image"
"$home/bin/native-image" --version | grep -q "^native-image $svm " || fail "$home/bin/native-image --version: expected $svm, found $("$home/bin/native-image" --version 2>&1 | head -1)"

echo "$key" > "$home/.assembled"
rm -rf "$out"; mv "$home" "$out"
step "done: $out ($(du -sm "$out" | cut -f1) MB), JDK $version, C sources $(basename "$archive")"

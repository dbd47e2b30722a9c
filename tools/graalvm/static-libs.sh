#!/bin/bash
# static-libs.sh JDK SOURCES OUT: builds the JDK's own JNI libraries as static archives, without the JDK's build system.
#   JDK      a JDK 25 with lib/src.zip (for the generated JNI headers) and include/
#   SOURCES  an unpacked OpenJDK 25 or 26 source tree; only src/<module>/{share,unix,linux}/native is read, and 26 adapted
#   OUT      receives lib<name>.a; OUT/.work keeps the intermediate files
set -euo pipefail
jdk=$1 src=$2/src out=$3
work=$out/.work
modules="java.base java.management java.prefs jdk.management jdk.net"
rm -rf "$work"; mkdir -p "$work"/{java,headers,classes}

# JNI headers: javac -h over the classes of src.zip that have native methods or @Native constants.
unzip -qo "$jdk/lib/src.zip" $(printf '%s/* ' $modules) -d "$work/src"
(cd "$work/src" && grep -rlE '\bnative\b.*\(|@Native' . --include='*.java' | tar cf - -T -) | tar xf - -C "$work/java"
for module in $modules; do
  find "$work/java/$module" -name '*.java' > "$work/files"
  "$jdk/bin/javac" -nowarn -proc:none -Xlint:none -XDignore.symbol.file -implicit:none \
    --patch-module "$module=$work/java/$module" -d "$work/classes/$module" -h "$work/headers" @"$work/files"
done

# Where JDK 26's C differs from what JDK 25's classes declare; no source of 25 has these lines.
native=$src/java.base
if grep -q 'jint JNICALL' <(grep -B1 UnixNativeDispatcher_fstatat0 "$native/unix/native/libnio/fs/UnixNativeDispatcher.c"); then
  sed -i '/^JNIEXPORT jint JNICALL$/{N; s/.*\nJava_sun_nio_fs_UnixNativeDispatcher_fstatat0/static jint fstatat0_returning_errno/}' \
    "$native/unix/native/libnio/fs/UnixNativeDispatcher.c"
  cat >> "$native/unix/native/libnio/fs/UnixNativeDispatcher.c" <<'WRAPPER'
JNIEXPORT void JNICALL Java_sun_nio_fs_UnixNativeDispatcher_fstatat0(
    JNIEnv *env, jclass this, jint dfd, jlong path, jint flag, jobject attrs) {
    int error = fstatat0_returning_errno(env, this, dfd, path, flag, attrs);
    if (error != 0 && !(*env)->ExceptionCheck(env)) { throwUnixException(env, error); }
}
WRAPPER
  # An image looks classes up and reads their constants by itself.
  sed -i 's/^Java_java_lang_Class_forName0/unused_forName0/' "$native/share/native/libjava/Class.c"
  rm "$native/share/native/libjava/ConstantPool.c"
  # Sockets over InfiniBand, which JDK 26 has no more.
  cat > "$native/unix/native/libnet/SdpSupport.c" <<'ABSENT'
#include "jni_util.h"
#include "sun_net_sdp_SdpSupport.h"
JNIEXPORT jint JNICALL Java_sun_net_sdp_SdpSupport_create0(JNIEnv *env, jclass type) {
    JNU_ThrowByName(env, "java/lang/UnsupportedOperationException", "SDP sockets");
    return -1;
}
JNIEXPORT void JNICALL Java_sun_net_sdp_SdpSupport_convert0(JNIEnv *env, jclass type, jint fd) {
    JNU_ThrowByName(env, "java/lang/UnsupportedOperationException", "SDP sockets");
}
ABSENT
fi

# Values that the JDK's configure would define. The numbers only show in java.vm.* defaults, which the image replaces.
version=$(. "$jdk/release"; echo "$JAVA_VERSION")
cat > "$work/flags" <<FLAGS
-O2 -fPIC -fno-strict-aliasing -fno-omit-frame-pointer -ffunction-sections -fdata-sections -w -pthread
-DSTATIC_BUILD=1 -D_GNU_SOURCE -D_REENTRANT -D_LARGEFILE64_SOURCE -D_LITTLE_ENDIAN -DLINUX -DNDEBUG -Damd64 -D_LP64=1
-DARCH=\"amd64\" -DARCHPROPNAME=\"amd64\" -DUSE_MMAP -DVERSION_FEATURE=25 -DVERSION_INTERIM=0 -DVERSION_UPDATE=0
-DVERSION_PATCH=0 -DVERSION_BUILD=0 -DVERSION_SPECIFICATION=\"25\" -DVERSION_CLASSFILE_MAJOR=69 -DVERSION_CLASSFILE_MINOR=0
-DVERSION_STRING=\"$version\" -DVERSION_SHORT=\"$version\" -DVERSION_NUMBER=\"$version\" -DVERSION_OPT=\"\"
-DVERSION_PRE=\"\" -DVERSION_DATE=\"\" -DVENDOR_VERSION_STRING=\"\" -DVENDOR=\"\" -DVENDOR_URL=\"\"
-DVENDOR_URL_BUG=\"\" -DVENDOR_URL_VM_BUG=\"\"
-I$work/headers
FLAGS
# Header folders: the libraries' own (libnio includes libnet's headers, and so on), then hotspot's jvm.h, then the JDK's jni.h.
existing() { local folder; for folder; do [ ! -d "$folder" ] || echo "$folder"; done; }
find $(existing "$src"/{java.base,java.management,jdk.management}/{share,unix,linux}/native/{libjava,libnet,libnio,libzip,libmanagement,libmanagement_ext} \
  "$src"/{java,jdk}.management/share/native/include) -type d | sed 's/^/-I/' >> "$work/flags"
printf -- '-I%s\n' "$jdk/include" "$jdk/include/linux" "$src/hotspot/share/include" "$src/hotspot/os/posix/include" >> "$work/flags"

# library NAME MODULE: every .c file of lib<NAME> for Linux becomes lib<NAME>.a
library() {
  local name=$1 module=$2 objects=$work/$1
  mkdir -p "$objects"
  find $(existing "$src/$module"/{share,unix,linux}/native/"lib$name") -name '*.c' \
    | while read -r file; do echo "$file $objects/$(basename "$file" .c).o"; done \
    | xargs -P "$(nproc)" -n 2 sh -c 'gcc @"$0/flags" -DLIBRARY_NAME="$1" -c "$2" -o "$3"' "$work" "$name"
  [ -n "$(ls "$objects")" ] || { echo "static-libs.sh: $src/$module, lib$name: expected C files, found none" >&2; exit 1; }
  rm -f "$out/lib$name.a"; ar crs "$out/lib$name.a" "$objects"/*.o
}
library java java.base
library net java.base
library nio java.base
library zip java.base
library extnet jdk.net
library prefs java.prefs
library management java.management
library management_ext jdk.management

# Every function that the JDK's own libraries export must be there, but those that an image replaces.
for name in java net nio zip extnet prefs management management_ext; do nm -D "$jdk/lib/lib$name.so"; done \
  | awk '$2=="T" && $3 ~ /^Java_/ {sub(/@.*/, "", $3); print $3}' | sort -u > "$work/wanted"
nm "$out"/*.a 2>/dev/null | awk '$2=="T" {print $3}' | sort -u > "$work/found"
missing=$(comm -23 "$work/wanted" "$work/found" | grep -v -e _ConstantPool_ -e _Class_forName0 -e _Reflection_getClassAccessFlags || true)
[ -z "$missing" ] || { echo "static-libs.sh: $src: expected what $jdk exports, found no $(head -3 <<< "$missing" | tr '\n' ' ')" >&2; exit 1; }

# zlib itself: linked statically too where the system's development package has the archive (it is built with -fPIC).
zlib=$(gcc -print-file-name=libz.a); [ ! -f "$zlib" ] || cp "$zlib" "$out/libz.a"
rm -rf "$work"

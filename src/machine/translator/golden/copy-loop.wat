;; two words a round through each base, one check of the address for both
;; block 0, then {"kind":"branch","target":0,"next":32}
;;   0 ld x13,0(x11)
;;   4 ld x5,8(x11)
;;   8 sd x13,0(x10)
;;   12 sd x5,8(x10)
;;   16 addi x10,x10,16
;;   20 addi x11,x11,16
;;   24 addi x12,x12,-16
;;   28 bne x12,x0,0
;; block 32, then {"kind":"return"}
;;   32 jalr x0,0(x1)
(func e0 (param pc fuel depth) (result pc fuel)
  local.get fuel
  i32.const 9
  i32.lt_u
  if
    local.get pc
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get pc
  i64.const 0
  i64.add
  local.set base
  i32.const 0
  i64.load x1
  local.set x1
  i32.const 0
  i64.load x5
  local.set x5
  i32.const 0
  i64.load x10
  local.set x10
  i32.const 0
  i64.load x11
  local.set x11
  i32.const 0
  i64.load x12
  local.set x12
  i32.const 0
  i64.load x13
  local.set x13
  block
    loop
      local.get fuel
      i32.const 9
      i32.lt_u
      if
        i32.const 1
        local.set place
        i32.const 15392
        local.set maskX
        br 2
      end
      local.get fuel
      i32.const 8
      i32.sub
      local.set fuel
      local.get x11
      local.tee va
      local.get va
      i32.wrap_i64
      i32.const 8
      i32.shr_u
      i32.const 16368
      i32.and
      local.tee entry
      i64.load TLB_READ
      i64.add
      local.tee within
      i64.const 4080
      i64.gt_u
      if
        local.get va
        i32.const 1024
        call touch
        i32.eqz
        if
          i32.const 17
          local.set place
          i32.const 15392
          local.set maskX
          br 3
        end
        local.get va
        i64.const 4095
        i64.and
        local.set within
      end
      local.get within
      i32.wrap_i64
      local.get entry
      i32.load TLB_READ+8
      i32.add
      local.set i32_24
      local.get i32_24
      i64.load
      local.set x13
      local.get i32_24
      i64.load +8
      local.set x5
      local.get x10
      local.tee va
      local.get va
      i32.wrap_i64
      i32.const 8
      i32.shr_u
      i32.const 16368
      i32.and
      local.tee entry
      i64.load TLB_WRITE
      i64.add
      local.tee within
      i64.const 4080
      i64.gt_u
      if
        local.get va
        i32.const 1040
        call touch
        i32.eqz
        if
          i32.const 16397
          local.set place
          i32.const 15392
          local.set maskX
          br 3
        end
        local.get va
        i64.const 4095
        i64.and
        local.set within
      end
      local.get within
      i32.wrap_i64
      local.get entry
      i32.load TLB_WRITE+8
      i32.add
      local.set i32_25
      local.get i32_25
      local.get x13
      i64.store
      local.get i32_25
      local.get x5
      i64.store +8
      local.get x10
      i64.const 16
      i64.add
      local.set x10
      local.get x11
      i64.const 16
      i64.add
      local.set x11
      local.get x12
      i64.const -16
      i64.add
      local.set x12
      local.get x12
      i64.const 0
      i64.ne
      br_if 0
      local.get fuel
      i32.const 1
      i32.sub
      local.set fuel
      local.get x1
      i64.const -2
      i64.and
      local.set va
      i32.const 0
      local.get x5
      i64.store x5
      i32.const 0
      local.get x10
      i64.store x10
      i32.const 0
      local.get x11
      i64.store x11
      i32.const 0
      local.get x12
      i64.store x12
      i32.const 0
      local.get x13
      i64.store x13
      local.get va
      local.get fuel
      return
    end
    unreachable
  end
  local.get maskX
  i32.const 32
  i32.and
  if
    i32.const 0
    local.get x5
    i64.store x5
  end
  local.get maskX
  i32.const 1024
  i32.and
  if
    i32.const 0
    local.get x10
    i64.store x10
  end
  local.get maskX
  i32.const 2048
  i32.and
  if
    i32.const 0
    local.get x11
    i64.store x11
  end
  local.get maskX
  i32.const 4096
  i32.and
  if
    i32.const 0
    local.get x12
    i64.store x12
  end
  local.get maskX
  i32.const 8192
  i32.and
  if
    i32.const 0
    local.get x13
    i64.store x13
  end
  local.get fuel
  local.get place
  i32.const 1
  i32.shr_u
  i32.const 1023
  i32.and
  i32.add
  local.set fuel
  local.get base
  local.get place
  i32.const 11
  i32.shr_s
  i64.extend_i32_s
  i64.add
  local.set va
  local.get place
  i32.const 1
  i32.and
  if
    local.get va
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get va
  i32.wrap_i64
  local.get va
  i32.wrap_i64
  i32.const 11
  i32.shr_u
  i32.xor
  i32.const 3
  i32.shl
  i32.const 32752
  i32.and
  i32.const 0
  i32.load FILE_JUMPS
  i32.add
  local.tee entry
  i64.load
  local.get va
  i64.ne
  if
    local.get va
    local.get entry
    call beside
    local.tee entry
    i32.eqz
    if
      local.get va
      local.get fuel
      return
    end
  end
  local.get va
  local.get fuel
  local.get depth
  local.get entry
  i32.load +8
  return_call_indirect
)

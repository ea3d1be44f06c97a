;; doubles: the fast way, and slowFloat for what it can't tell
;; block 0, then {"kind":"branch","target":0,"next":32}
;;   0 fld f1,0(x10)
;;   4 fld f2,0(x11)
;;   8 fmul.d f1,f1,f2
;;   12 fadd.d f10,f10,f1
;;   16 addi x10,x10,8
;;   20 addi x11,x11,8
;;   24 addi x12,x12,-1
;;   28 bne x12,x0,0
;; block 32, then {"kind":"return"}
;;   32 fsd f10,0(x13)
;;   36 jalr x0,0(x1)
(func e0 (param pc fuel depth) (result pc fuel)
  local.get fuel
  i32.const 10
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
  i32.const 0
  f64.load f1
  local.set f1
  i32.const 0
  f64.load f2
  local.set f2
  i32.const 0
  f64.load f10
  local.set f10
  i32.const 0
  i32.load OFFSET_FCSR
  i32.const 225
  i32.and
  i32.const 1
  i32.eq
  local.set plain
  block
    loop
      local.get fuel
      i32.const 10
      i32.lt_u
      if
        i32.const 1
        local.set place
        i32.const 7168
        local.set maskX
        i32.const 1030
        local.set maskF
        br 2
      end
      local.get fuel
      i32.const 8
      i32.sub
      local.set fuel
      local.get x10
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
      i64.const 4088
      i64.gt_u
      if
        local.get va
        i32.const 512
        call touch
        i32.eqz
        if
          i32.const 17
          local.set place
          i32.const 7168
          local.set maskX
          i32.const 1030
          local.set maskF
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
      f64.load
      local.set f1
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
      i64.const 4088
      i64.gt_u
      if
        local.get va
        i32.const 512
        call touch
        i32.eqz
        if
          i32.const 8207
          local.set place
          i32.const 7168
          local.set maskX
          i32.const 1030
          local.set maskF
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
      f64.load
      local.set f2
      local.get f1
      local.get f2
      f64.mul
      local.set f64_16
      local.get f64_16
      i64.reinterpret_f64
      i64.const 1
      i64.shl
      i64.const 18014398509481984
      i64.sub
      i64.const -27021597764222976
      i64.ge_u
      local.get plain
      i32.eqz
      i32.or
      if
        local.get plain
        local.get f64_16
        f64.const 0
        f64.eq
        i32.and
        local.get f1
        f64.const 0
        f64.eq
        local.get f2
        f64.const 0
        f64.eq
        i32.or
        i32.and
        i32.eqz
        if
          i32.const 13
          local.get f1
          i64.reinterpret_f64
          local.get f2
          i64.reinterpret_f64
          i64.const 0
          call slowFloat
          local.set i64_12
          i32.const 0
          i32.load FILE_SLOW
          i32.eqz
          if
            i32.const 16397
            local.set place
            i32.const 7168
            local.set maskX
            i32.const 1030
            local.set maskF
            br 4
          end
          local.get i64_12
          f64.reinterpret_i64
          local.set f64_16
          i32.const 0
          i32.load OFFSET_FCSR
          i32.const 225
          i32.and
          i32.const 1
          i32.eq
          local.set plain
        end
      end
      local.get f64_16
      local.set f1
      local.get f10
      local.get f1
      f64.add
      local.set f64_16
      local.get f64_16
      i64.reinterpret_f64
      i64.const 1
      i64.shl
      i64.const -9007199254740992
      i64.ge_u
      local.get plain
      i32.eqz
      i32.or
      if
        i32.const 9
        local.get f10
        i64.reinterpret_f64
        local.get f1
        i64.reinterpret_f64
        i64.const 0
        call slowFloat
        local.set i64_12
        i32.const 0
        i32.load FILE_SLOW
        i32.eqz
        if
          i32.const 24587
          local.set place
          i32.const 7168
          local.set maskX
          i32.const 1030
          local.set maskF
          br 3
        end
        local.get i64_12
        f64.reinterpret_i64
        local.set f64_16
        i32.const 0
        i32.load OFFSET_FCSR
        i32.const 225
        i32.and
        i32.const 1
        i32.eq
        local.set plain
      end
      local.get f64_16
      local.set f10
      local.get x10
      i64.const 8
      i64.add
      local.set x10
      local.get x11
      i64.const 8
      i64.add
      local.set x11
      local.get x12
      i64.const -1
      i64.add
      local.set x12
      local.get x12
      i64.const 0
      i64.ne
      br_if 0
      local.get fuel
      i32.const 2
      i32.sub
      local.set fuel
      local.get x13
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
      i64.const 4088
      i64.gt_u
      if
        local.get va
        i32.const 528
        call touch
        i32.eqz
        if
          i32.const 65541
          local.set place
          i32.const 7168
          local.set maskX
          i32.const 1030
          local.set maskF
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
      local.get f10
      f64.store
      local.get x1
      i64.const -2
      i64.and
      local.set va
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
      local.get f1
      f64.store f1
      i32.const 0
      local.get f2
      f64.store f2
      i32.const 0
      local.get f10
      f64.store f10
      local.get va
      local.get fuel
      return
    end
    unreachable
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
  local.get maskF
  i32.const 2
  i32.and
  if
    i32.const 0
    local.get f1
    f64.store f1
  end
  local.get maskF
  i32.const 4
  i32.and
  if
    i32.const 0
    local.get f2
    f64.store f2
  end
  local.get maskF
  i32.const 1024
  i32.and
  if
    i32.const 0
    local.get f10
    f64.store f10
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
